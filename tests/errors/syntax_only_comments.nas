# nothing here

  # yet
