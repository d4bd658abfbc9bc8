package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"weft/flow/remote"
	"weft/ui/explorer"
)

func newAttach() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "attach URL [RUN]",
		Short:   "Open the explorer on a server",
		Long:    "attach opens the explorer on the documents of a weft serve elsewhere: questions are answered there, and their runs are shown as they happen. With RUN, which is a run's identifier, that run is opened too. A connection that is lost is made again, and nothing of a run is missed. On a server of another program that speaks LlamaIndex's protocol, runs are shown by the events that it sends, with the times at which these arrive.",
		Example: "weft attach http://127.0.0.1:8765\nweft attach https://docs.example --token $TOKEN",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) < 1 || len(args) > 2 {
				return usageError{errors.New("give the address of a server, such as http://127.0.0.1:8765")}
			}
			return nil
		},
	}
	addFlags(cmd.Flags(), func(o *options) []anyOption {
		return []anyOption{&o.Workflow, &o.Theme, &o.ScreenReader}
	})
	token := cmd.Flags().String("token", "", "token of the server (none: that of the URL, WEFT_TOKEN, or for a server on this machine the one that weft serve has kept)")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		st, err := loadSettings(cmd.Flags(), os.Getenv)
		if err == nil {
			err = st.checkNames()
		}
		if err != nil {
			return err
		}
		if !isTerminal(cmd.OutOrStdout()) || os.Getenv("TERM") == "dumb" {
			return usageError{errors.New("the explorer needs a terminal: without one, send requests to the server yourself")}
		}
		client, err := remote.New(args[0], cmp.Or(*token, attachToken(st, args[0])))
		if err != nil {
			return usageError{err}
		}
		opened := ""
		if len(args) == 2 {
			opened = args[1]
		}
		return attach(cmd.Context(), st, client, opened)
	}
	return cmd
}

// attachToken returns the token for a server if none is given: that of the address, which the client
// finds by itself, that of the environment, or the one that weft serve has kept on this machine.
func attachToken(st *settings, address string) string {
	at, err := url.Parse(address)
	if err != nil || at.Query().Has("token") {
		return ""
	}
	if token := st.getenv("WEFT_TOKEN"); token != "" {
		return token
	}
	if !isLoopback(at.Host) && !isLoopback(at.Host+":80") {
		return ""
	}
	kept, _ := os.ReadFile(filepath.Join(stateDir(st), tokenFile)) // without it the server says that it wants one
	return string(kept)
}

// attach opens the explorer on a server, and on one of its runs if there is an identifier.
func attach(ctx context.Context, st *settings, client *remote.Client, opened string) error {
	graphs, err := client.Workflows(ctx)
	if err != nil {
		return fmt.Errorf("%w: attach to %s failed", err, client.Address())
	}
	reader, err := st.screenReader()
	if err != nil {
		return err
	}
	a, err := newAttached(ctx, client, graphs)
	if err != nil {
		return err
	}
	defer a.close()
	if opened != "" {
		a.open(opened)
	}
	defer guardTerminal(stateDir(st))()
	go watchTerminal() // it ends with the process
	_, err = explorer.Open(ctx, a, explorer.Options{
		Theme: st.Theme.value, Themes: st.ownThemes(), Keys: st.keys, Workflow: st.Workflow.value, ScreenReader: reader,
	})
	return err
}
