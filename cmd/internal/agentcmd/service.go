package agentcmd

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/kardianos/service"
	"github.com/spf13/cobra"

	"github.com/weir-logs/weir/agent/config"
	"github.com/weir-logs/weir/cmd/internal/cli"
	"github.com/weir-logs/weir/packaging"
)

const serviceName = "weir"

func newService() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "service",
		Short: "Install and control the agent as a systemd service",
		Example: `  weir service install -c /etc/weir/weir.yaml
  weir service install --print        the unit, without installing it
  weir service start
  weir service status`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newServiceInstall(),
		control("uninstall", "Remove the service", service.Service.Uninstall),
		control("start", "Start the service", service.Service.Start),
		control("stop", "Stop the service", service.Service.Stop),
		control("restart", "Restart the service", service.Service.Restart),
		newServiceStatus())
	return cmd
}

func newServiceInstall() *cobra.Command {
	var file string
	var printOnly bool
	cmd := &cobra.Command{
		Use:   "install",
		Short: "Install the service: it runs this program at every boot",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := load(file)
			if err != nil {
				return err
			}
			folders := foldersOf(c)
			unit, err := unitFor(c, folders)
			if err != nil {
				return err
			}
			if printOnly {
				_, err := fmt.Fprint(cmd.OutOrStdout(), unit)
				return err
			}
			s, err := systemd(unit)
			if err != nil {
				return err
			}
			for _, dir := range folders { // systemd does not start a unit that may write to a folder that is not there
				if err := os.MkdirAll(dir, 0o700); err != nil {
					return fmt.Errorf("install the service %s: %w", serviceName, err)
				}
			}
			if _, err := s.Status(); !errors.Is(err, service.ErrNotInstalled) {
				return fmt.Errorf("the service %s is installed already; remove it first with: %s service uninstall", serviceName, os.Args[0])
			}
			if err := s.Install(); err != nil {
				return fmt.Errorf("install the service %s: %w", serviceName, err)
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "installed %s; start it with: %s service start\n", serviceName, os.Args[0])
			return err
		},
	}
	configFlag(cmd, &file)
	cmd.Flags().BoolVar(&printOnly, "print", false, "print the unit and install nothing")
	return cmd
}

func newServiceStatus() *cobra.Command {
	return &cobra.Command{
		Use:   "status",
		Short: "Say whether the service runs: exit code 0 if it does",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := systemd("")
			if err != nil {
				return err
			}
			state, err := s.Status()
			if errors.Is(err, service.ErrNotInstalled) {
				return fmt.Errorf("the service %s is not installed; install it with: %s service install", serviceName, os.Args[0])
			}
			if err != nil {
				return fmt.Errorf("the service %s: %w; journalctl -u %s says why", serviceName, err, serviceName)
			}
			if state != service.StatusRunning {
				fmt.Fprintln(cmd.OutOrStdout(), "stopped")
				return cli.Quiet(errors.New("stopped"))
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), "running")
			return err
		},
	}
}

// control is a subcommand that does one thing to the installed service.
func control(verb, short string, do func(service.Service) error) *cobra.Command {
	return &cobra.Command{
		Use:   verb,
		Short: short,
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			s, err := systemd("")
			if err != nil {
				return err
			}
			if err := do(s); err != nil {
				return fmt.Errorf("%s the service %s: %w", verb, serviceName, err)
			}
			return nil
		},
	}
}

// packagedState is the folder that the unit makes and lets the agent write to.
const packagedState = "/var/lib/weir"

// unitFor is the unit that runs this program with the configuration, and lets it write where that says.
func unitFor(c *config.Config, folders []string) (string, error) {
	program, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("find this program's path: %w", err)
	}
	if program, err = filepath.EvalSymlinks(program); err != nil {
		return "", fmt.Errorf("find this program's path: %w", err)
	}
	file, err := filepath.Abs(c.File)
	if err != nil {
		return "", fmt.Errorf("find the configuration's path: %w", err)
	}
	return packaging.Unit(program, file, folders...), nil
}

// foldersOf are the folders that the agent writes to, but for the one that the unit makes by itself.
func foldersOf(c *config.Config) []string {
	folders := []string{c.StateDir, filepath.Dir(c.Socket)}
	for _, f := range c.Flows {
		folders = append(folders, f.DeadLetter.Dir)
	}
	slices.Sort(folders)
	covered := packagedState
	folders = slices.DeleteFunc(folders, func(dir string) bool {
		if dir == packagedState || dir == covered || strings.HasPrefix(dir, packagedState+"/") || strings.HasPrefix(dir, covered+"/") {
			return true
		}
		covered = dir
		return false
	})
	return folders
}

// systemd returns the service as the host's service manager sees it. Only systemd is served so far.
func systemd(unit string) (service.Service, error) {
	const want = "linux-systemd"
	s, err := service.New(noProgram{}, &service.Config{
		Name:   serviceName,
		Option: service.KeyValue{"SystemdScript": unit},
	})
	if err != nil {
		return nil, fmt.Errorf("find the service manager: %w", err)
	}
	if s.Platform() != want {
		return nil, fmt.Errorf("this host's service manager is %s; weir knows systemd only: run `weir run` under yours, "+
			"or take the unit from `weir service install --print`", s.Platform())
	}
	return s, nil
}

// noProgram satisfies the library, which can also run the program; systemd runs `weir run` itself.
type noProgram struct{}

func (noProgram) Start(service.Service) error { return nil }
func (noProgram) Stop(service.Service) error  { return nil }
