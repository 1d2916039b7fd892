// An assembler for seccomp filters: a list of rules becomes a classic BPF program
// over struct seccomp_data (seccomp(2)). It is ours because a filter must look at
// what the kernel looks at: the architecture of the call before its number, and of
// an int argument the low 32 bits alone.

package hsm

import (
	"errors"
	"fmt"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Offsets in struct seccomp_data: int nr; u32 arch; u64 ip; u64 args[6].
const (
	dataNr   = 0
	dataArch = 4
	dataArgs = 16
)

// x32Bit marks the calls of x86's third architecture, which has the audit value
// of the native one. No native call has a number that high.
const x32Bit = 0x40000000

// What a filter answers; refuse is with an errno.
const (
	allow uint32 = unix.SECCOMP_RET_ALLOW
	kill  uint32 = unix.SECCOMP_RET_KILL_PROCESS
)

func refuse(errno unix.Errno) uint32 { return unix.SECCOMP_RET_ERRNO | uint32(errno) }

// rule answers a system call whose arguments meet all conditions.
type rule struct {
	nr     uint32
	when   []condition
	answer uint32
}

// condition is met when 32 bits of an argument, masked, have the value.
type condition struct {
	offset      uint32 // in struct seccomp_data
	mask, value uint32
}

// low is a condition on the low 32 bits of argument n, which is all the kernel
// reads of an int.
func low(n int, mask, value uint32) condition {
	return condition{dataArgs + 8*uint32(n), mask, value}
}

// isInt is the condition that the int argument n has the value.
func isInt(n int, value uint32) condition { return low(n, ^uint32(0), value) }

// null is the condition that the pointer argument n is NULL.
func null(n int) []condition {
	return []condition{isInt(n, 0), {dataArgs + 8*uint32(n) + 4, ^uint32(0), 0}}
}

// assemble makes the program: another architecture's call kills the process, the
// first rule that fits answers, and otherwise the answer is the last argument.
func assemble(arch uint32, rules []rule, otherwise uint32) []unix.SockFilter {
	load := func(offset uint32) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: offset}
	}
	equal := func(value uint32, no int) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: value, Jf: uint8(no)}
	}
	answer := func(value uint32) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: value}
	}
	program := []unix.SockFilter{
		load(dataArch),
		{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: arch, Jt: 1},
		answer(kill),
		load(dataNr),
		{Code: unix.BPF_JMP | unix.BPF_JGE | unix.BPF_K, K: x32Bit, Jf: 1},
		answer(kill),
	}
	loaded := false // whether the accumulator holds the number
	for _, r := range rules {
		if !loaded {
			program = append(program, load(dataNr))
		}
		program = append(program, equal(r.nr, 3*len(r.when)+1))
		loaded = len(r.when) == 0
		for i, c := range r.when {
			rest := 3*(len(r.when)-i-1) + 1 // instructions of this rule behind the comparison
			program = append(program, load(c.offset),
				unix.SockFilter{Code: unix.BPF_ALU | unix.BPF_AND | unix.BPF_K, K: c.mask}, equal(c.value, rest))
		}
		program = append(program, answer(r.answer))
	}
	return append(program, answer(otherwise))
}

// install puts the filter on every thread of this process, for good.
func install(rules []rule, otherwise uint32) error {
	if nativeArch == 0 {
		return fmt.Errorf("no filter is known for %s", runtime.GOARCH)
	}
	program := assemble(nativeArch, rules, otherwise)
	if len(program) > unix.BPF_MAXINSNS {
		return fmt.Errorf("the filter is too long; got %d instructions, want at most %d", len(program), unix.BPF_MAXINSNS)
	}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return err
	}
	filter := unix.SockFprog{Len: uint16(len(program)), Filter: &program[0]}
	thread, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_TSYNC,
		uintptr(unsafe.Pointer(&filter)))
	runtime.KeepAlive(program)
	switch {
	case errno != 0:
		return errno
	case thread != 0: // a thread with a filter of its own: nothing was installed
		return errors.New("thread has another filter")
	}
	return nil
}
