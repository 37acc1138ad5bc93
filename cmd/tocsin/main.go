// Command tocsin is the security response centre: server, administration and
// client in one binary. What it can do stands in internal/cli.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // embargo dates have zones; a small machine may have no tzdata

	"github.com/tocsin-sec/tocsin/internal/cli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := cli.Main(ctx, cli.Std(), os.Args[1:])
	stop()
	os.Exit(code)
}
