package model

import (
	"strings"
	"time"
)

// StandaloneTasks are the tasks of a cluster that no service started: those of
// RunTask, of schedules and of other programs, running or stopped lately. ECS forgets
// a stopped task after an hour or so: a schedule that has not run since is not seen.
//
// Source: Amazon ECS API reference, ListTasks (desiredStatus).
type StandaloneTasks struct {
	Cluster string           `json:"cluster"`
	Tasks   []StandaloneTask `json:"tasks"`
	// Truncated tells that the cluster has more tasks than were looked at, or more
	// standalone ones than are kept: who is not among Tasks may still be there.
	Truncated bool `json:"truncated,omitempty"`
}

// StandaloneTask is a task that no service started. It cannot use Service Connect.
type StandaloneTask struct {
	Task

	// Group is "family:NAME" unless the one who ran the task named another.
	Group string `json:"group,omitempty"`
	// Status is lastStatus: RUNNING, STOPPED and what is between them.
	Status     string `json:"status,omitempty"`
	LaunchType string `json:"launchType,omitempty"`
	// Subnet and NetworkInterface are of the task's own network interface, in awsvpc
	// mode; ECS does not tell its security groups.
	Subnet           string    `json:"subnet,omitempty"`
	NetworkInterface string    `json:"networkInterface,omitempty"`
	StoppedAt        time.Time `json:"stoppedAt,omitzero"`
}

// Family is the family of the task's definition.
func (t *StandaloneTask) Family() string {
	family, _, _ := strings.Cut(ARNName(t.TaskDefinition), ":")
	return family
}

// StandaloneTasks are the tasks of a cluster that no service started.
func (ix *Index) StandaloneTasks(cluster string) (*StandaloneTasks, *Missing) {
	keys := []string{cluster}
	if c := ix.clusters[cluster]; c != nil && c.ARN != "" {
		keys = append(keys, c.ARN)
	}
	for _, action := range []Action{ListTasks, DescribeTasks} {
		for _, key := range keys {
			if ix.Gap(action, key) != nil {
				return nil, ix.unread("standalone tasks of cluster "+cluster, action, key)
			}
		}
	}
	for i := range ix.Snapshot.StandaloneTasks {
		if s := &ix.Snapshot.StandaloneTasks[i]; s.Cluster == cluster {
			return s, nil
		}
	}
	return nil, ix.unread("standalone tasks of cluster "+cluster, ListTasks, keys[len(keys)-1])
}
