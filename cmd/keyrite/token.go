package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/uptane/keyrite/ceremony/custody"
	"github.com/uptane/keyrite/ceremony/page"
	"github.com/uptane/keyrite/ceremony/screen"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/hsm"
)

func (a *app) tokenCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "token",
		Short: "Tokens: what is plugged in, set one up, what it can do",
		Long:  "PKCS#11 tokens in the modules that site.yaml names.",
		Args:  cobra.NoArgs,
		RunE:  help,
	}
	c.AddCommand(a.tokenListCommand(), a.tokenInitCommand(), a.tokenAddCommand(), a.tokenInfoCommand(), a.tokenModulesCommand(), a.tokenModuleCommand(), a.tokenWrappingKeyCommand(), a.tokenSharesCommand())
	return c
}

func (a *app) tokenListCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "list",
		Short:   "List the tokens of every module in site.yaml",
		Example: "  keyrite token list",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withTokens(func(ws *workspace.Workspace, _ []hsm.Protection) error {
				tokens, err := custody.ListTokens(cmd.Context(), ws)
				if err != nil {
					return err
				}
				return a.print(tokenList{tokens}, func(w io.Writer) { printTokens(w, tokens) })
			})
		},
	}
	return a.answers(c, tokenList{})
}

// tokenList is the tokens of every module.
type tokenList struct {
	Tokens []custody.ListedToken `json:"tokens"`
}

func printTokens(w io.Writer, tokens []custody.ListedToken) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "NAME\tMODULE\tLABEL\tSERIAL\tMODEL\tFIRMWARE\tUSER PIN")
	for _, k := range tokens {
		if k.Remark != "" {
			continue
		}
		name, label, pin := k.Name, k.Label, string(k.UserPIN)
		if name == "" {
			name = "-"
		}
		if !k.Initialized {
			label, pin = "(not set up)", "-"
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", name, k.Module, label, k.Serial, k.Model, k.Firmware, pin)
	}
	t.Flush()
	for _, k := range tokens {
		if k.Remark != "" {
			fmt.Fprintln(w, k.Remark)
		}
	}
}

func (a *app) tokenInfoCommand() *cobra.Command {
	all := false
	c := &cobra.Command{
		Use:   "info [TOKEN]",
		Short: "What a token is and what it can do",
		Long: `Show what a token of site.yaml is, the state of its PIN, and what it can do: key types,
evidence, whether it remembers what it signed, backups. Nobody logs in.`,
		Example: "  keyrite token info officer-1\n\n  # a table of all tokens of site.yaml\n  keyrite token info --all",
		Args: func(cmd *cobra.Command, args []string) error {
			if all {
				return cobra.NoArgs(cmd, args)
			}
			if len(args) == 0 {
				return errors.New("keyrite token info: which token? want TOKEN, or --all")
			}
			return cobra.ExactArgs(1)(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withTokens(func(ws *workspace.Workspace, _ []hsm.Protection) error {
				infos, err := custody.DescribeTokens(cmd.Context(), ws, args)
				if err != nil {
					return err
				}
				return a.printText(tokenReports{infos}, func(wide int) screen.Text { return tokenInfo(infos, all, wide) })
			})
		},
	}
	c.Flags().BoolVar(&all, "all", false, "a table of every token of site.yaml, with mechanisms")
	return a.answers(c, tokenReports{})
}

// tokenReports is what tokens are and can do.
type tokenReports struct {
	Tokens []hsm.Report `json:"tokens"`
}

// tokenInfo is what tokens can do, in words or in a table.
func tokenInfo(infos []hsm.Report, table bool, wide int) screen.Text {
	if table {
		return screen.Plainly("%s", strings.TrimSuffix(tables(infos, wide), "\n"))
	}
	var b strings.Builder
	for _, info := range infos {
		for _, fact := range info.Facts() {
			b.WriteString(page.Fill(fmt.Sprintf("%-7s", fact.Label), fact.Text, min(wide, 80)-1))
		}
	}
	return screen.Plainly("%s", strings.TrimSuffix(b.String(), "\n"))
}

// tables has as many tokens beside each other as are that wide, at least one.
func tables(infos []hsm.Report, wide int) (text string) {
	n := len(infos)
	for n > 1 && widest(hsm.CapabilityTable(infos[:n])) > wide {
		n--
	}
	if text = hsm.CapabilityTable(infos[:n]); n < len(infos) {
		text += "\n" + tables(infos[n:], wide)
	}
	return text
}

// widest is how long the longest row of a table is, in characters. What stands below it
// is wrapped.
func widest(table string) (n int) {
	for line := range strings.Lines(table) {
		if strings.HasPrefix(line, "|") {
			n = max(n, utf8.RuneCountInString(strings.TrimSuffix(line, "\n")))
		}
	}
	return n
}
