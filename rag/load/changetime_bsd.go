//go:build darwin || freebsd || netbsd

package load

import "syscall"

func changeTimeOf(st *syscall.Stat_t) int64 { return st.Ctimespec.Nano() }
