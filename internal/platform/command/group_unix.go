//go:build unix

package command

import (
	"os/exec"
	"syscall"
)

// group gives the program a group of processes of its own, which ends as a whole: a
// wrapper must not leave behind what it started.
func group(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}
