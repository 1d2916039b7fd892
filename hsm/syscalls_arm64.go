package hsm

import (
	"debug/elf"

	"golang.org/x/sys/unix"
)

const nativeArch uint32 = unix.AUDIT_ARCH_AARCH64

// oldCalls are calls that newer architectures, such as this one, do without.
var oldCalls, oldRules = []uint32(nil), []rule(nil)

// nativeMachine is what a module is made for.
const nativeMachine = elf.EM_AARCH64

const sysNewfstatat = unix.SYS_FSTATAT
