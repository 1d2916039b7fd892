/* What habits.c and manners.c share. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef unsigned long word;
typedef word (*function)(word, word, word, word, word, word, word, word);

/* The list of functions of PKCS#11 v2.40: a version and 68 pointers. */
enum {
	INITIALIZE = 0, FINALIZE = 1, GET_SLOT_LIST = 4, GET_TOKEN_INFO = 6, GET_MECHANISM_LIST = 7, GET_MECHANISM_INFO = 8, OPEN_SESSION = 12,
	LOGIN = 18, CREATE_OBJECT = 20, GET_ATTRIBUTE = 24, FIND_INIT = 26, FIND = 27, GENERATE_PAIR = 59, UNWRAP_KEY = 61, COUNT = 68
};

struct list {
	word version;
	function call[COUNT];
};

/* Nothing of this is for other libraries: the C library has a login of its own. */
#pragma GCC visibility push(hidden)

/* The real module, the habit, and the number that stands behind its name. */
extern struct list *real;
extern char habit[64];
extern word number;

#define is(name) (strcmp(habit, name) == 0)

word initialize(word args);
word finalize(word reserved);
word get_slot_list(word present, word slots, word count);
word get_token_info(word slot, word info);
word open_session(word slot, word flags, word app, word notify, word session);
word login(word session, word user, word pin, word length);

#pragma GCC visibility pop
