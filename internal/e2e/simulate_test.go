package e2e

import (
	"context"
	"testing"

	"hopscope/internal/app"
	"hopscope/ui/cli"
)

// Clients have to name a region, also to a fleet, which names none.
func TestEveryServedWorldHasARegion(t *testing.T) {
	for _, world := range []string{"article", "shop", "fleet:2"} {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		region := ""
		err := app.NewProgram(app.Settings{}).Simulate(ctx, cli.SimulateOptions{World: world}, func(at cli.Endpoint) {
			region = at.Region
			cancel()
		})
		if err != nil || region != "ap-northeast-1" {
			t.Errorf("%s is served for region %q: %v", world, region, err)
		}
	}
}
