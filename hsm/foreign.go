// A system call of i386, from a 64-bit process: what a filter that looks at numbers
// alone lets through.

package hsm

/*
// foreign_call makes getpid of i386; it returns a process id, or -errno.
static long foreign_call(void) {
	long pid = -38; // ENOSYS
#ifdef __x86_64__
	pid = 20;
	__asm__ volatile("int $0x80" : "+a"(pid) : : "memory", "r8", "r9", "r10", "r11");
#endif
	return pid;
}
*/
import "C"

import "golang.org/x/sys/unix"

// foreignCall returns why the call did not work, "" when it did.
func foreignCall() string {
	if result := int(C.foreign_call()); result <= 0 {
		return unix.Errno(-result).Error()
	}
	return ""
}
