package hsm

import (
	"debug/elf"

	"golang.org/x/sys/unix"
)

const nativeArch uint32 = unix.AUDIT_ARCH_X86_64

// oldCalls are calls that newer architectures do without.
var oldCalls = []uint32{
	unix.SYS_OPEN, unix.SYS_STAT, unix.SYS_LSTAT, unix.SYS_ACCESS, unix.SYS_READLINK, unix.SYS_GETDENTS,
	unix.SYS_MKDIR, unix.SYS_RMDIR, unix.SYS_UNLINK, unix.SYS_RENAME, unix.SYS_CREAT,
	unix.SYS_DUP2, unix.SYS_PIPE, unix.SYS_POLL, unix.SYS_SELECT, unix.SYS_EPOLL_CREATE, unix.SYS_EPOLL_WAIT, unix.SYS_EVENTFD,
	unix.SYS_ALARM, unix.SYS_PAUSE, unix.SYS_TIME, unix.SYS_GETPGRP, unix.SYS_ARCH_PRCTL,
}

// oldRules restrict those of them that need it.
var oldRules = []rule{
	{unix.SYS_OPEN, truncates(1), refuse(unix.EPERM)},
	{unix.SYS_FORK, nil, refuse(unix.EPERM)},
	{unix.SYS_VFORK, nil, refuse(unix.EPERM)},
}

// nativeMachine is what a module is made for.
const nativeMachine = elf.EM_X86_64

const sysNewfstatat = unix.SYS_NEWFSTATAT
