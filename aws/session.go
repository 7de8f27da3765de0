package aws

import (
	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/schemas"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/servicediscovery"
	"github.com/aws/smithy-go/middleware"
	"github.com/aws/smithy-go/transport/http/protocol/awsjson"

	"hopscope/model"
)

// Session is the SDK's clients for one piece of work on an account: one reading,
// one plan. Its calls are counted together, and paced with all other calls of the
// account.
type Session struct {
	ECS      *ecs.Client
	EC2      *ec2.Client
	ELB      *elb.Client
	CloudMap *servicediscovery.Client
	Metrics  *cloudwatch.Client

	config   awssdk.Config
	attempts *attempts
}

// NewSession is a session whose calls are repeated until they get an answer: for
// calls that read.
func (a *Account) NewSession() *Session { return newSession(a.config, newAttempts(a.buckets, a.clock)) }

// ForWrites is the session for calls that change something: one whose answer is
// lost is not sent again. They are counted with the calls of s.
func (s *Session) ForWrites() *Session {
	c := s.config.Copy()
	c.Retryer = newWriteRetryer
	return newSession(c, s.attempts)
}

// Stats is what the session has sent so far.
func (s *Session) Stats() model.Stats { return s.attempts.stats() }

func newSession(config awssdk.Config, a *attempts) *Session {
	c := config.Copy()
	c.APIOptions = append(c.APIOptions[:len(c.APIOptions):len(c.APIOptions)],
		func(stack *middleware.Stack) error { return a.addTo(stack) })
	return &Session{
		ECS:      ecs.NewFromConfig(c),
		EC2:      ec2.NewFromConfig(c),
		ELB:      elb.NewFromConfig(c),
		CloudMap: servicediscovery.NewFromConfig(c),
		Metrics: cloudwatch.NewFromConfig(c, func(o *cloudwatch.Options) {
			// Emulators of AWS do not know the CBOR that the SDK prefers.
			if o.BaseEndpoint != nil {
				o.Protocol = awsjson.New10(schemas.GraniteServiceVersion20100801)
			}
		}),
		config:   config,
		attempts: a,
	}
}
