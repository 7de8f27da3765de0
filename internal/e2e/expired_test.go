package e2e

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"hopscope/aws/simulator"
)

// A token that ends while an account is read leaves no answer, which is exit status 2 and
// never "no findings": from whatever call on it ends.
func TestACheckWhoseTokenEndsOnTheWayHasNoAnswer(t *testing.T) {
	t.Parallel()
	for _, after := range []int64{1, 4, 9, 14} {
		world, err := simulator.Load("article")
		if err != nil {
			t.Fatal(err)
		}
		fresh, ended := simulator.New(world, simulator.Options{}), simulator.New(world, simulator.Options{})
		ended.SetFaults(simulator.Faults{Fail: []simulator.Failure{{Action: "*:*", With: simulator.ExpiredToken}}})
		var calls atomic.Int64
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if calls.Add(1) <= after {
				fresh.ServeHTTP(w, r)
				return
			}
			ended.ServeHTTP(w, r)
		}))
		home := t.TempDir()
		got := runFast(t, []string{
			"HOME=" + home, "XDG_CACHE_HOME=" + home, "AWS_EC2_METADATA_DISABLED=true", "AWS_REGION=ap-northeast-1",
			"AWS_ACCESS_KEY_ID=AKIAFAKE", "AWS_SECRET_ACCESS_KEY=fake", "AWS_SESSION_TOKEN=fake",
			"AWS_ENDPOINT_URL=" + server.URL,
		}, "check")
		server.Close()
		if got.status != 2 || !strings.Contains(got.stdout+got.stderr, "expired") ||
			strings.Contains(got.stdout, "● no findings") {
			t.Errorf("ended after %d calls: %+v", after, got)
		}
	}
}
