package apply

import (
	"context"
	"errors"
	"fmt"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"

	"hopscope/model"
)

// checkAccount refuses to take an entry back with the credentials of another account:
// there its service and its groups look as if they were gone, and "nothing is left to
// be taken back" would be wrong. A service that is seen proves the account; where
// there is none, the names of the clusters do.
func (r *rollback) checkAccount(ctx context.Context) error {
	e := r.entry
	if e.Account == "" {
		return nil
	}
	live, err := r.read(ctx)
	switch {
	case err == nil && model.ARNAccount(awssdk.ToString(live.service.ServiceArn)) == e.Account:
		return nil
	case err != nil && !errors.Is(err, errGone):
		return err
	}
	out, err := r.reads.ECS.ListClusters(ctx, &ecs.ListClustersInput{})
	if err != nil {
		return r.cannotRead(ctx, model.ListClusters, err)
	}
	const next = "pass the --profile of account "
	if len(out.ClusterArns) == 0 {
		return cannot(nil,
			fmt.Sprintf("the service %s is not here, and these credentials see no cluster in %s: whether they are for "+
				"account %s is not known",
				e.Plan.Service, e.Region, e.Account),
			next+e.Account+"; if it is, `hopscope journal "+e.ID+"` shows what to take back by hand")
	}
	if here := model.ARNAccount(out.ClusterArns[0]); here != e.Account {
		return cannot(nil,
			fmt.Sprintf("entry %s belongs to account %s, and these credentials are for %s", e.ID, e.Account, here),
			next+e.Account)
	}
	return nil
}
