// Weft answers questions about a directory of documents and shows how the answer is made.
package main

import (
	"os"

	"weft/ui/cli"
)

func main() { os.Exit(cli.Main(os.Args[1:])) }
