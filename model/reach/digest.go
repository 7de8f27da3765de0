package reach

import "hopscope/model"

// digest identifies a set of callers. It is the sum of its members' hashes, so that
// the digest of a large set less a few members takes a few additions.
type digest uint64

// digestOf is the digest of one caller. version tells apart the deployments of a
// service whose tasks meet different outcomes; it is "" of all other callers.
func digestOf(ref model.Ref, version string) digest {
	// FNV-1a, mixed: sums of similar names would be similar.
	const offset, prime = 14695981039346656037, 1099511628211
	h := uint64(offset)
	for _, s := range [...]string{ref.Cluster, ref.Service, version} {
		for i := range len(s) {
			h = (h ^ uint64(s[i])) * prime
		}
		h = (h ^ '/') * prime
	}
	return mixed(h)
}

// mixed spreads a number over all bits: the finalizer of MurmurHash3.
func mixed(h uint64) digest {
	h = (h ^ h>>33) * 0xff51afd7ed558ccd
	h = (h ^ h>>33) * 0xc4ceb9fe1a85ec53
	return digest(h ^ h>>33)
}

func digestOfAll(refs []model.Ref) digest {
	var sum digest
	for _, ref := range refs {
		sum += digestOf(ref, "")
	}
	return sum
}

// append appends eight hexadecimal digits: there is no room for more in a path's ID.
func (d digest) append(b []byte) []byte {
	const digits = "0123456789abcdef"
	short := uint32(d>>32) ^ uint32(d)
	for shift := 28; shift >= 0; shift -= 4 {
		b = append(b, digits[short>>shift&15])
	}
	return b
}
