package dialect

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"hopscope/internal/shell"
	"hopscope/internal/text"
	"hopscope/model"
	"hopscope/model/fix"
)

// script is a plan for bash, with the AWS CLI and jq. The script is the
// standard input of a bash of its own, so that it can be pasted into any shell:
// nothing in it is read by that shell, neither comments, which zsh takes for
// commands, nor ! or set -e.
type script struct {
	*draft
	*page
}

func (t script) write() error {
	if err := t.checkWords(); err != nil {
		return err
	}
	t.line("bash -s -- \"${1:-apply}\" <<'%s'", heredoc)
	t.header()
	if len(t.carriedOut()) == 0 {
		why := "nothing was done: this plan is carried out by hand, see the comments"
		if t.plan.Refusal != nil {
			why = "nothing was done: " + text.Clean(t.plan.Refusal.Reason)
		}
		t.line("printf 'hopscope: %%s\\n' %s >&2", shell.Quote(why))
		t.line("exit 1")
		t.line("%s", heredoc)
		return nil
	}
	if err := t.body(); err != nil {
		return err
	}
	t.line("%s", heredoc)
	return nil
}

// heredoc ends the script. Nothing from AWS makes a line of its own in it: names are
// quoted or commented on one line.
const heredoc = "END_OF_HOPSCOPE"

// carriedOut are the steps that the script carries out itself: none of a plan that is
// refused.
func (t *draft) carriedOut() []*fix.Step {
	if t.plan.Refusal != nil {
		return nil
	}
	return t.steps(func(s *fix.Step) bool { return s.Kind != fix.ByHand })
}

// checkWords refuses names that the AWS CLI takes for something else: options, JSON,
// files to read. Quotes do not help against that.
func (t *draft) checkWords() error {
	names := []string{t.region, t.service.Cluster, t.service.Name}
	for _, s := range t.plan.Steps {
		names = append(names, s.Group)
	}
	for _, name := range names {
		if err := checkWord(name); err != nil {
			return err
		}
	}
	return nil
}

func checkWord(name string) error {
	if strings.IndexFunc(name, text.Hidden) >= 0 {
		return fmt.Errorf("the name %s holds control characters: no script is written with it", named(name))
	}
	for _, misread := range []string{"-", "[", "{", "file:", "fileb:", "http:", "https:"} {
		if strings.HasPrefix(name, misread) {
			return fmt.Errorf("the AWS CLI takes a name that begins with %s for something else: no script is written with %s",
				misread, named(name))
		}
	}
	return nil
}

// header says what the script does, how it is used, and what it does not do.
func (t script) header() {
	plan := t.plan
	t.comment("", "%s", sentence(plan.Title))
	t.comment("", "%s", plan.Why)
	if r := plan.Refusal; r != nil {
		t.comment("", "")
		t.comment("", "Not carried out by script: %s Instead: %s", sentence(r.Reason), sentence(r.Instead))
	}
	t.comment("", "")
	t.comment("", "%s.", t.where("For service"))
	t.comment("", "%s", plan.Owner.Text())
	t.notes("Check first", plan.ChecksFirst())
	t.notes("Check before the steps for later", plan.ChecksLater())
	t.notes("Risks", plan.Risks)
	t.comment("", "")
	t.comment("", "Steps:")
	for i := range plan.Steps {
		s := &plan.Steps[i]
		by := ""
		if s.Kind == fix.ByHand {
			by = "By hand: "
		}
		if s.Later {
			by += "Later: "
		}
		t.hanging("", fmt.Sprintf("%3d. ", i+1), "%s%s", by, s.Title)
		if s.Command != "" {
			t.verbatim("", s.Command)
		}
	}
	if len(t.carriedOut()) > 0 {
		t.usage()
	}
}

func (t script) usage() {
	t.comment("", "")
	t.comment("", "Save it as fix.sh, or paste it as it is into bash or zsh to carry the plan out:")
	again := "; a second time changes nothing more"
	if t.redeploys() {
		again = "; each time makes a deployment"
	}
	t.line("#   bash fix.sh            carries the plan out%s", again)
	if len(t.steps(func(s *fix.Step) bool { return s.Later && s.Kind != fix.ByHand })) > 0 {
		t.line("#   bash fix.sh later      carries out the steps for later")
	}
	t.line("#   bash fix.sh rollback   takes back what it did, and nothing else")
	whose := "those of another account are refused."
	if t.plan.Account == "" {
		whose = "which account they are for is not checked, as the plan does not know its own."
	}
	t.comment("", "It takes the credentials that the AWS CLI has here, such as those of AWS_PROFILE; %s", whose)
	t.comment("", "What a rollback needs is kept in files in the current directory, which begin with %s.", t.stateName())
	t.sharedNotes()
	if t.after != nil {
		t.comment("", "")
		t.comment("", "UpdateService replaces the whole Service Connect block, and the AWS CLI drops members that it does "+
			"not know. Update it first: see aws --version. One that is older than %s (October 2026) is warned of, and refused "+
			"where the block has them.", newestMember)
	}
}

// sharedNotes says whose rules go, and that others may need them by then.
func (t script) sharedNotes() {
	groups := t.sharedGroups()
	if len(groups) == 0 {
		return
	}
	verb := "A rollback removes"
	if len(t.steps((*fix.Step).Revokes)) > 0 {
		verb = "The script, or a rollback of it, removes"
	}
	t.comment("", "")
	t.comment("", "%s rules of these groups. A service that has a group, or was deployed since, may need a rule by "+
		"then, and a script cannot tell which does. Of a group "+
		"that others have, or network interfaces that are none of the service's tasks, it removes none before the group is "+
		"named in the environment: REVOKE_SHARED='%s'.", verb, groups[0].id)
	for _, g := range groups {
		who := "hopscope knew no other service to have it"
		if len(g.others) > 0 {
			who = "hopscope knew these to have it too: " + g.names()
		}
		t.hanging("", "  - ", "%s: %s", t.ix.GroupLabel(g.id), who)
		t.verbatim("", t.aws("ec2", "describe-network-interfaces", "--filters", "Name=group-id,Values="+g.id,
			"--query", "NetworkInterfaces[].[NetworkInterfaceId,InterfaceType,Description]", "--output", "text"))
	}
}

// redeploys tells whether the plan makes a deployment without a change.
func (t script) redeploys() bool {
	return len(t.steps(func(s *fix.Step) bool { return s.Kind == fix.UpdateService && len(s.Edits) == 0 })) > 0
}

// stateName begins the names of the script's files: one for each plan of a service,
// so that the rollback of one does not take another back.
func (t *draft) stateName() string {
	sum := sha256.Sum256([]byte(t.plan.Account + "\x00" + t.region + "\x00" + t.plan.ID))
	name := strings.Map(func(r rune) rune {
		if r == '-' || r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return '_'
	}, t.service.Name)
	const most = 100 // of the 255 bytes of a file name
	return "hopscope-" + name[:min(len(name), most)] + "-" + hex.EncodeToString(sum[:4])
}

// ipPermission is the CLI's form of a rule (--ip-permissions).
type ipPermission struct {
	Protocol    string          `json:"IpProtocol"`
	FromPort    *int            `json:"FromPort,omitempty"`
	ToPort      *int            `json:"ToPort,omitempty"`
	Groups      []ipGroup       `json:"UserIdGroupPairs,omitempty"`
	Ranges      []ipRange       `json:"IpRanges,omitempty"`
	Ranges6     []ipRange6      `json:"Ipv6Ranges,omitempty"`
	PrefixLists []ipPrefixLists `json:"PrefixListIds,omitempty"`
}

type ipGroup struct {
	ID          string `json:"GroupId"`
	Account     string `json:"UserId,omitempty"`
	VPC         string `json:"VpcId,omitempty"`
	Description string `json:"Description,omitempty"`
}

type ipRange struct {
	CIDR        string `json:"CidrIp"`
	Description string `json:"Description,omitempty"`
}

type ipRange6 struct {
	CIDR        string `json:"CidrIpv6"`
	Description string `json:"Description,omitempty"`
}

type ipPrefixLists struct {
	ID          string `json:"PrefixListId"`
	Description string `json:"Description,omitempty"`
}

// permissionJSON is a rule as --ip-permissions takes it.
func permissionJSON(r *model.SecurityGroupRule) (string, error) {
	out := ipPermission{Protocol: r.Protocol}
	if r.Protocol != model.AllProtocols {
		out.FromPort, out.ToPort = &r.FromPort, &r.ToPort
	}
	switch {
	case r.Group != nil:
		out.Groups = []ipGroup{{r.Group.ID, r.Group.Account, r.Group.VPC, r.Description}}
	case r.PrefixList != "":
		out.PrefixLists = []ipPrefixLists{{r.PrefixList, r.Description}}
	case r.CIDR.Addr().Is4():
		out.Ranges = []ipRange{{r.CIDR.String(), r.Description}}
	case r.CIDR.IsValid():
		out.Ranges6 = []ipRange6{{r.CIDR.String(), r.Description}}
	default:
		return "", errors.New("a rule names neither a group nor addresses")
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode([]ipPermission{out}); err != nil {
		return "", fmt.Errorf("write a rule: %w", err)
	}
	return string(text.EscapeJSON(bytes.TrimSuffix(b.Bytes(), []byte("\n")))), nil
}
