// Package packaging holds what installs weir on a host: the systemd unit, as the packages ship it and as
// `weir service install` writes it.
package packaging

import (
	_ "embed" // for the unit
	"fmt"
	"strings"
)

//go:embed weir.service
var unit string

// packagedExec is the one line of the unit that differs where weir was not installed from a package.
const packagedExec = "ExecStart=/usr/bin/weir run -c /etc/weir/weir.yaml\n"

// Unit returns the systemd unit that runs program with the configuration file config, both absolute paths.
func Unit(program, config string) string {
	exec := fmt.Sprintf("ExecStart=%s run -c %s\n", quote(program), quote(config))
	return strings.Replace(unit, packagedExec, exec, 1)
}

// quote writes an argument as systemd.syntax(7) and systemd.service(5) want it: specifiers and variables doubled,
// quoted where a blank or a quote would end it.
func quote(arg string) string {
	arg = strings.NewReplacer("%", "%%", "$", "$$").Replace(arg)
	if !strings.ContainsAny(arg, " \t\n\"'\\") {
		return arg
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\t", `\t`).Replace(arg) + `"`
}
