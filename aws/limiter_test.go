package aws

import (
	"context"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"math"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"hopscope/model"

	"golang.org/x/time/rate"
)

func TestABucketLeavesTwoTokensAndAFifthOfTheRefillToOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBucket(Quota{Burst: 100, Refill: 20}, time.Now)
		start := time.Now()
		for range 98 {
			if err := b.wait(t.Context(), false); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(start); took != 0 {
			t.Errorf("the burst took %s", took)
		}
		for range 32 {
			if err := b.wait(t.Context(), false); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(start).Round(time.Millisecond); took != 2*time.Second {
			t.Errorf("32 more took %s, want 2s", took)
		}
	})
}

func TestACancelledWaitGivesItsTokenBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBucket(Quota{Burst: 3, Refill: 1}, time.Now)
		if err := b.wait(t.Context(), false); err != nil {
			t.Fatal(err)
		}
		for _, urgent := range []bool{true, false} {
			ctx, cancel := context.WithCancel(t.Context())
			go func() {
				time.Sleep(100 * time.Millisecond)
				cancel()
			}()
			before := b.tokens.Tokens()
			if err := b.wait(ctx, urgent); !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
			// What flowed in meanwhile, and nothing less.
			if after := b.tokens.Tokens(); math.Abs(after-before-0.08) > 0.001 {
				t.Errorf("%g tokens before, %g after", before, after)
			}
		}
	})
}

func TestAThrottledReplyHalvesTheRateOnceAndQuietRestoresIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBucket(Quota{Burst: 100, Refill: 20}, time.Now)
		rateIs := func(want rate.Limit) {
			t.Helper()
			b.restore()
			if got := b.tokens.Limit(); got != want {
				t.Errorf("the rate is %g, want %g", got, want)
			}
		}
		rateIs(16)
		for range 24 { // calls that were under way together
			b.answered(true)
		}
		rateIs(8)
		if left := b.tokens.Tokens(); left >= 1 {
			t.Errorf("%g tokens are left", left)
		}
		time.Sleep(1500 * time.Millisecond)
		rateIs(8)
		b.answered(true)
		rateIs(4)
		time.Sleep(2 * time.Second)
		rateIs(5)
		time.Sleep(5 * time.Second)
		rateIs(7)
		time.Sleep(time.Second)
		rateIs(8)
		time.Sleep(time.Hour)
		rateIs(16)
		for range 10 {
			b.answered(true)
			time.Sleep(time.Second)
		}
		rateIs(4)
	})
}

func TestAnUrgentCallWaitsBehindOneOrdinaryCallAtMost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBucket(Quota{Burst: 3, Refill: 1.25}, time.Now) // one token a second
		if err := b.wait(t.Context(), false); err != nil {
			t.Fatal(err)
		}
		var mu sync.Mutex
		var order []string
		var all sync.WaitGroup
		take := func(name string, urgent bool) {
			all.Go(func() {
				if err := b.wait(t.Context(), urgent); err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				order = append(order, name)
			})
			synctest.Wait()
		}
		for range 5 {
			take("ordinary", false)
		}
		take("urgent", true)
		all.Wait()
		if order[1] != "urgent" {
			t.Errorf("the order is %v", order)
		}
	})
}

func TestEveryRowOfTheTableHasAQuotaAndAnEffectAndThoseOfReadingALane(t *testing.T) {
	all := newBuckets(time.Now)
	for action, op := range operations {
		b := all.bucketFor(action)
		if b == nil || b.tokens.Burst() != op.Quota.Burst-spareTokens || b.full != op.Quota.Refill*share {
			t.Errorf("%s: the bucket is %+v, the quota %+v", action, b, op.Quota)
		}
		if (op.Lane.Width > 0) != (op.Use == Reading) || op.Effect == "" {
			t.Errorf("%s: lane %+v, use %d, effect %q", action, op.Lane, op.Use, op.Effect)
		}
		for _, before := range op.After {
			if _, ok := operations[before]; !ok {
				t.Errorf("%s comes after %s, which is never sent", action, before)
			}
		}
	}
}

func TestOperationsThatShareAQuotaShareABucketAndChangesOfGroupsDoNot(t *testing.T) {
	all := newBuckets(time.Now)
	if all.bucketFor(model.DescribeRules) != all.bucketFor(model.DescribeTargetHealth) {
		t.Error("two operations of ELBv2 have two buckets")
	}
	seen := make(map[*bucket]model.Action)
	for _, a := range []model.Action{
		UpdateService, AuthorizeIngress, AuthorizeEgress, RevokeIngress, RevokeEgress,
		model.DescribeSecurityGroups,
	} {
		b := all.bucketFor(a)
		if other, shared := seen[b]; shared {
			t.Errorf("%s and %s share a bucket", a, other)
		}
		seen[b] = a
	}
}

// The model names a gap by each of its actions: they are those that are sent.
func TestTheTableHasARowForEveryActionOfTheModelAndNoOtherReads(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join("..", "model", "gap.go"), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	left := make(map[model.Action]bool)
	for action := range Reads() {
		left[action] = true
	}
	ast.Inspect(file, func(n ast.Node) bool {
		c, ok := n.(*ast.ValueSpec)
		if !ok || len(c.Values) != 1 {
			return true
		}
		if name, ok := c.Type.(*ast.Ident); !ok || name.Name != "Action" {
			return true
		}
		action, err := strconv.Unquote(c.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		if !left[model.Action(action)] {
			t.Errorf("%s has no row", action)
		}
		delete(left, model.Action(action))
		return true
	})
	for action := range left {
		t.Errorf("the model has no %s", action)
	}
}
