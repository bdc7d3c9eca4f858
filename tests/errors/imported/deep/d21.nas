block b { identity }
