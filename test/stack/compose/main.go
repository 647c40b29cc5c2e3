// Prints the Compose file given as JSON, as Docker Compose's own parser (compose-go) understands it; exit 1 with the fault.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/compose-spec/compose-go/v2/cli"
)

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func main() {
	options, err := cli.NewProjectOptions([]string{os.Args[1]}, cli.WithInterpolation(true))
	check(err)
	project, err := options.LoadProject(context.Background())
	check(err)
	out, err := project.MarshalJSON()
	check(err)
	fmt.Println(string(out))
}
