ops nothing = [identity]
