package cli

// watchTerminal does nothing: Windows ends the programs of a console that is closed.
func watchTerminal() {}
