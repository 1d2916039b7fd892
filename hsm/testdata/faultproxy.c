/* A PKCS#11 module for tests that stands in front of a real one: it counts
 * calls, writes their names to a log, and makes one of them go wrong.
 *
 *   FAULTPROXY_MODULE  path of the real module
 *   FAULTPROXY_LOG     file to append the name of every call to (optional), with
 *                      :length when it only asks how long the output will be
 *   FAULTPROXY_FAULT   "CALL N WHEN ACTION" (optional): at the N-th CALL of the
 *                      process (0: at every one), WHEN it is before or after
 *                      the real call, do ACTION: a return value in hex (0x32),
 *                      hang, crash, exit, corrupt (flip a bit of the output),
 *                      socket (answer CKR_FUNCTION_FAILED if the network can be
 *                      used), lie (before: answer CKR_OK, and do nothing), loose
 *                      (before: of C_FindObjectsInit: search for anything), weak=HEX
 *                      (before: of C_GenerateKeyPair: turn this of the private key's attributes round), stranger
 *                      (of C_GetTokenInfo: another manufacturer), flags=HEX (of C_GetTokenInfo: show these too), or
 *                      hide=HEX (of C_GetMechanismList: do not list this one)
 *
 *   FAULTPROXY_PROCESS "N FILE" (optional): only the N-th process goes wrong; a
 *                      byte in FILE stands for each that was started
 *
 * The list of functions of PKCS#11 v2.40 is a version and 68 pointers. Each is
 * replaced by a stub that passes on eight words, as many as any of them takes.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

typedef unsigned long word;
typedef word (*function)(word, word, word, word, word, word, word, word);

#define FUNCTIONS(X) \
	X(0, C_Initialize) X(1, C_Finalize) X(2, C_GetInfo) X(3, C_GetFunctionList) X(4, C_GetSlotList) \
	X(5, C_GetSlotInfo) X(6, C_GetTokenInfo) X(7, C_GetMechanismList) X(8, C_GetMechanismInfo) X(9, C_InitToken) \
	X(10, C_InitPIN) X(11, C_SetPIN) X(12, C_OpenSession) X(13, C_CloseSession) X(14, C_CloseAllSessions) \
	X(15, C_GetSessionInfo) X(16, C_GetOperationState) X(17, C_SetOperationState) X(18, C_Login) X(19, C_Logout) \
	X(20, C_CreateObject) X(21, C_CopyObject) X(22, C_DestroyObject) X(23, C_GetObjectSize) X(24, C_GetAttributeValue) \
	X(25, C_SetAttributeValue) X(26, C_FindObjectsInit) X(27, C_FindObjects) X(28, C_FindObjectsFinal) X(29, C_EncryptInit) \
	X(30, C_Encrypt) X(31, C_EncryptUpdate) X(32, C_EncryptFinal) X(33, C_DecryptInit) X(34, C_Decrypt) \
	X(35, C_DecryptUpdate) X(36, C_DecryptFinal) X(37, C_DigestInit) X(38, C_Digest) X(39, C_DigestUpdate) \
	X(40, C_DigestKey) X(41, C_DigestFinal) X(42, C_SignInit) X(43, C_Sign) X(44, C_SignUpdate) \
	X(45, C_SignFinal) X(46, C_SignRecoverInit) X(47, C_SignRecover) X(48, C_VerifyInit) X(49, C_Verify) \
	X(50, C_VerifyUpdate) X(51, C_VerifyFinal) X(52, C_VerifyRecoverInit) X(53, C_VerifyRecover) X(54, C_DigestEncryptUpdate) \
	X(55, C_DecryptDigestUpdate) X(56, C_SignEncryptUpdate) X(57, C_DecryptVerifyUpdate) X(58, C_GenerateKey) \
	X(59, C_GenerateKeyPair) X(60, C_WrapKey) X(61, C_UnwrapKey) X(62, C_DeriveKey) X(63, C_SeedRandom) \
	X(64, C_GenerateRandom) X(65, C_GetFunctionStatus) X(66, C_CancelFunction) X(67, C_WaitForSlotEvent)

/* Where CK_TOKEN_INFO has its manufacturer, in characters, and its flags, in words. */
enum { COUNT = 68, SIGN = 43, WRAP = 60, MAKER = 32, FLAGS = 12 };

struct list {
	word version;
	function call[COUNT];
};

static const char *names[COUNT] = {
#define X(i, name) #name,
	FUNCTIONS(X)
#undef X
};

static struct list *real, proxy;
static int log_file = -1;
static char fault_call[64], fault_when[16], fault_action[32];
static int fault_nth, seen;

/* this_process says whether this is the process that goes wrong. */
static int this_process(void) {
	const char *which = getenv("FAULTPROXY_PROCESS");
	char path[256];
	int nth;
	if (which == NULL)
		return 1;
	if (sscanf(which, "%d %255s", &nth, path) != 2)
		abort();
	int file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (file < 0 || write(file, ".", 1) != 1)
		abort();
	int started = lseek(file, 0, SEEK_CUR);
	close(file);
	return started == nth;
}

static void configure(void) {
	const char *path = getenv("FAULTPROXY_LOG"), *fault = getenv("FAULTPROXY_FAULT");
	if (path)
		log_file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (fault && sscanf(fault, "%63s %d %15s %31s", fault_call, &fault_nth, fault_when, fault_action) != 4)
		abort();
	if (!this_process())
		fault_call[0] = 0;
}

/* output returns the buffer that a call fills in, NULL when it only asks for a length. */
static unsigned char *output(int i, const word *a) {
	return (unsigned char *)(i == SIGN ? a[3] : i == WRAP ? a[4] : 0);
}

/* asks_length says whether the call wants to know a length: that is not signing. */
static int asks_length(int i, const word *a) {
	return (i == SIGN || i == WRAP) && output(i, a) == NULL;
}

/* hit says whether this is the call that goes wrong. */
static int hit(int i, const word *a) {
	if (strcmp(names[i], fault_call) != 0 || asks_length(i, a))
		return 0;
	return fault_nth == 0 || ++seen == fault_nth;
}

static word misbehave(int i, const word *a, word result) {
	if (strcmp(fault_action, "hang") == 0)
		for (;;)
			pause();
	if (strcmp(fault_action, "crash") == 0)
		raise(SIGSEGV);
	if (strcmp(fault_action, "exit") == 0)
		_exit(0);
	if (strcmp(fault_action, "socket") == 0)
		return socket(AF_INET, SOCK_STREAM, 0) < 0 && socket(AF_INET6, SOCK_DGRAM, 0) < 0 ? result : 0x6;
	if (strcmp(fault_action, "corrupt") == 0) {
		output(i, a)[5] ^= 1;
		return result;
	}
	if (strcmp(fault_action, "stranger") == 0) {
		((char *)a[1])[MAKER] = 'X';
		return result;
	}
	if (strncmp(fault_action, "flags=", 6) == 0) {
		((word *)a[1])[FLAGS] |= strtoul(fault_action + 6, NULL, 16);
		return result;
	}
	if (strncmp(fault_action, "weak=", 5) == 0) {
		word *attribute = (word *)a[4], kind = strtoul(fault_action + 5, NULL, 16); /* type, value, length */
		for (word n = 0; n < a[5]; n++)
			if (attribute[3 * n] == kind)
				*(unsigned char *)attribute[3 * n + 1] ^= 1;
		return result;
	}
	if (strncmp(fault_action, "hide=", 5) == 0) {
		word *list = (word *)a[1], hidden = strtoul(fault_action + 5, NULL, 16);
		for (word n = 0; list != NULL && n < *(word *)a[2]; n++)
			if (list[n] == hidden)
				list[n] = 0x80000000; /* a vendor's own */
		return result;
	}
	return strtoul(fault_action, NULL, 16);
}

static word relay(int i, const word *a) {
	if (log_file >= 0)
		dprintf(log_file, "%s%s\n", names[i], asks_length(i, a) ? ":length" : "");
	int wrong = hit(i, a), before = strcmp(fault_when, "before") == 0;
	if (wrong && before && strcmp(fault_action, "lie") == 0)
		return 0;
	if (wrong && before && strcmp(fault_action, "loose") == 0)
		return real->call[i](a[0], a[1], 0, a[3], a[4], a[5], a[6], a[7]);
	if (wrong && before) {
		word result = misbehave(i, a, 0);
		if (result != 0)
			return result;
	}
	word result = real->call[i](a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7]);
	return wrong && !before ? misbehave(i, a, result) : result;
}

#define X(i, name) \
	static word stub_##name(word a, word b, word c, word d, word e, word f, word g, word h) { \
		const word args[] = {a, b, c, d, e, f, g, h}; \
		return relay(i, args); \
	}
FUNCTIONS(X)
#undef X

word C_GetFunctionList(struct list **out) {
	void *module = dlopen(getenv("FAULTPROXY_MODULE"), RTLD_NOW | RTLD_LOCAL);
	word (*get)(struct list **) = module ? (word(*)(struct list **))dlsym(module, "C_GetFunctionList") : NULL;
	if (get == NULL || get(&real) != 0)
		return 0x6;
	if (proxy.version == 0)
		configure();
	proxy.version = real->version;
#define X(i, name) proxy.call[i] = stub_##name;
	FUNCTIONS(X)
#undef X
	*out = &proxy;
	return 0;
}
