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

// These lines of the unit differ where weir was not installed from a package.
const (
	packagedExec   = "ExecStart=/usr/bin/weir run -c /etc/weir/weir.yaml\n"
	packagedReload = "ExecReload=/usr/bin/weir reload -c /etc/weir/weir.yaml\n"
)

// stateLine is the line of the unit after which further writable folders are named.
const stateLine = "StateDirectoryMode=0700\n"

// Unit returns the systemd unit that runs program with the configuration file config, both absolute paths. The agent may
// write to /var/lib/weir and to the folders in writable, and nowhere else.
func Unit(program, config string, writable ...string) string {
	exec := fmt.Sprintf("ExecStart=%s run -c %s\n", quote(program), quote(config))
	text := strings.Replace(unit, packagedExec, exec, 1)
	reload := fmt.Sprintf("ExecReload=%s reload -c %s\n", quote(program), quote(config))
	text = strings.Replace(text, packagedReload, reload, 1)
	var folders strings.Builder
	for _, dir := range writable {
		fmt.Fprintf(&folders, "ReadWritePaths=%s\n", quote(dir))
	}
	return strings.Replace(text, stateLine, stateLine+folders.String(), 1)
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
