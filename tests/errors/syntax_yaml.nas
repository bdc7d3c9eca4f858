layers:
  - conv: 3
  - pool: 2
