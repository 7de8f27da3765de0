package simulator

import (
	"cmp"
	"slices"
)

// gatewayRoute is a route of an ECS service gateway (since 2026-10-20).
type gatewayRoute struct {
	ClusterARN string `json:"clusterArn"`
	GatewayARN string `json:"gatewayArn"`
	ARN        string `json:"gatewayRouteArn"`
	ServiceARN string `json:"serviceArn"`
	PortName   string `json:"serviceContainerPortName"`
	Status     string `json:"status"`
}

func (a *account) addGatewayRoutes(w *World) {
	for _, r := range w.GatewayRoutes {
		if len(a.clusters) == 0 {
			return
		}
		in := a.clusterNamed(r.Cluster)
		a.gatewayRoutes = append(a.gatewayRoutes, gatewayRoute{
			ClusterARN: in.arn,
			GatewayARN: a.arn("ecs", "gateway/"+r.Gateway),
			ARN:        a.arn("ecs", "gateway-route/"+r.Gateway+"/"+hash(16, r.Gateway, in.Name, r.Service, r.PortName)),
			ServiceARN: a.arn("ecs", "service/"+in.Name+"/"+r.Service),
			PortName:   r.PortName,
			Status:     cmp.Or(r.Status, "ACTIVE"),
		})
	}
}

type listGatewayRoutesInput struct {
	Cluster    string   `json:"cluster"`
	Gateway    string   `json:"gateway"`
	Service    string   `json:"service"`
	PortName   string   `json:"serviceContainerPortName"`
	Status     []string `json:"status"`
	MaxResults *int     `json:"maxResults"`
	NextToken  string   `json:"nextToken"`
}

type listGatewayRoutesReply struct {
	Routes    []gatewayRoute `json:"gatewayRoutes"`
	NextToken string         `json:"nextToken,omitempty"`
}

func (a *account) listGatewayRoutes(in *listGatewayRoutesInput) (*listGatewayRoutesReply, error) {
	clusterARN := ""
	if in.Cluster != "" {
		c, err := a.cluster(in.Cluster)
		if err != nil {
			return nil, err
		}
		clusterARN = c.arn
	}
	found := []gatewayRoute{}
	for _, r := range a.gatewayRoutes {
		switch {
		case clusterARN != "" && r.ClusterARN != clusterARN:
		case in.Gateway != "" && in.Gateway != r.GatewayARN:
		case in.Service != "" && in.Service != r.ServiceARN:
		case in.PortName != "" && in.PortName != r.PortName:
		case len(in.Status) > 0 && !slices.Contains(in.Status, r.Status):
		default:
			found = append(found, r)
		}
	}
	page, next, err := pageJSON(found, in.NextToken, in.MaxResults, 100)
	return &listGatewayRoutesReply{Routes: page, NextToken: next}, err
}
