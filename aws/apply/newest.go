package apply

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"hopscope/aws"
	"hopscope/model/journal"
)

// checkNewest refuses to take an entry back while a newer one of its service stands:
// that one was made for what this one had changed, and may have closed what only this
// one made superfluous. A file that may be such an entry, and cannot be read, stands
// in the way too.
func (r *rollback) checkNewest() error {
	all, unreadable, err := r.journal.List()
	if err != nil {
		return err
	}
	if o := r.newer(all); o != nil {
		return cannot(nil,
			fmt.Sprintf("the newer entry %s of %s stands on what this one changed, and nothing was taken back", o.ID,
				r.entry.Plan.Service),
			strings.TrimSuffix("roll that one back first: "+o.RollbackCommand(), ": "))
	}
	moment, about := halves(r.entry.ID)
	for _, u := range unreadable {
		id := strings.TrimSuffix(filepath.Base(u.File), filepath.Ext(u.File))
		if at, whose := halves(id); whose == about && at >= moment {
			return cannot(u.Err, fmt.Sprintf("%s seems to be a newer entry of %s, and cannot be read: nothing was taken back",
				aws.Printable(id), r.entry.Plan.Service),
				"see what it changed, take that back, and move the file away: "+aws.Printable(u.File))
		}
	}
	return nil
}

// newer is an entry of the service that was carried out after this one, and stands; nil
// where there is none.
func (r *rollback) newer(all []*journal.Entry) *journal.Entry {
	for _, o := range all {
		same := o.ID != r.entry.ID && o.ServiceARN == r.entry.ServiceARN && sameAccount(o, r.entry)
		stands := o.State != journal.RolledBack &&
			slices.ContainsFunc(o.Steps, func(s journal.Step) bool { return isOpen(&s) })
		if same && stands && o.Follows(r.entry) {
			return o
		}
	}
	return nil
}

// halves are the moment and the service that the id of an entry tells; see newID.
func halves(id string) (moment, service string) {
	const stamp = len(idStamp)
	if len(id) <= stamp {
		return id, ""
	}
	moment, service = id[:stamp], strings.TrimPrefix(id[stamp:], "-")
	if i := strings.LastIndexByte(service, '-'); i >= 0 {
		service = service[:i]
	}
	return moment, service
}
