net a { input image(3, (1 | 2) - 2) }
