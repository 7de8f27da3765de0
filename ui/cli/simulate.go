package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"hopscope/model"
)

func (r *run) simulateCommand() *cobra.Command {
	var o SimulateOptions
	cmd := &cobra.Command{
		Use:   "simulate",
		Short: "Serve a world of the simulator to the AWS CLI and other programs",
		Long: `Serve a world of the simulator on the loopback interface, for the AWS CLI, an
SDK or another hopscope. ctrl+c ends it.`,
		Example: "hopscope simulate --port 4566 --world shop",
		Args:    noArgs,
		RunE: r.action(func(ctx context.Context, _ []string) (Status, error) {
			if o.Port < 0 || o.Port > 65535 {
				return CannotCheck, &model.CannotCheckError{
					Reason: fmt.Sprintf("--port %d is not a port", o.Port),
					Next:   "pass a number from 0 to 65535",
				}
			}
			if err := r.checkWorld(o.World); err != nil {
				return CannotCheck, err
			}
			err := r.Simulate(ctx, o, r.announce)
			if err != nil && ctx.Err() == nil {
				return CannotCheck, err
			}
			return Clean, nil
		}),
	}
	cmd.Flags().IntVar(&o.Port, "port", 0, "the port on 127.0.0.1; any free one without it")
	r.registerWorld(cmd, &o.World)
	return cmd
}

// announce prints what a shell needs to talk to the simulator. The AWS CLI of
// version 1 and boto3 do not look at AWS_REGION.
func (c *console) announce(e Endpoint) {
	_, _ = fmt.Fprintf(c.program.Stdout, "export AWS_ENDPOINT_URL=%s AWS_DEFAULT_REGION=%s\n", e.URL, e.Region)
	_, _ = fmt.Fprintln(c.program.Stdout, "export AWS_ACCESS_KEY_ID=simulator AWS_SECRET_ACCESS_KEY=simulator")
	c.note("serving until ctrl+c; paste the two lines into another shell")
}
