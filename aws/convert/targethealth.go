package convert

import (
	"cmp"
	"slices"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"hopscope/model"
)

// Targets sorts the targets: AWS gives them in any order.
func Targets(all []elbtypes.TargetHealthDescription) []model.Target {
	rows := make([]model.Target, 0, len(all))
	for _, d := range all {
		var row model.Target
		if t := d.Target; t != nil {
			row.ID, row.Port, row.Zone = awssdk.ToString(t.Id), int(awssdk.ToInt32(t.Port)), awssdk.ToString(t.AvailabilityZone)
		}
		if h := d.TargetHealth; h != nil {
			row.State, row.Reason, row.Description = string(h.State), string(h.Reason), awssdk.ToString(h.Description)
		}
		rows = append(rows, row)
	}
	slices.SortFunc(rows, func(a, b model.Target) int {
		return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.Port, b.Port))
	})
	return rows
}
