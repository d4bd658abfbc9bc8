package analysis

import "math/bits"

// Hash maps a term to 64 bits. The result is the same on every machine, because indexes on disk and
// vectors refer to terms by it.
func Hash(term string) uint64 {
	x := uint64(14695981039346656037) // FNV-1a
	for i := 0; i < len(term); i++ {
		x = (x ^ uint64(term[i])) * 1099511628211
	}
	return Mix(x)
}

// HashPair maps two neighbouring terms, given by their hashes, to 64 bits. The order matters.
func HashPair(first, second uint64) uint64 { return Mix(first ^ bits.RotateLeft64(second, 17)) }

// Mix spreads a hash over all bits (the finaliser of MurmurHash3).
func Mix(x uint64) uint64 {
	x ^= x >> 33
	x *= 0xff51afd7ed558ccd
	x ^= x >> 33
	x *= 0xc4ceb9fe1a85ec53
	return x ^ x>>33
}
