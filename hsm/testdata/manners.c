/* How a module of habits.c is started, shows its tokens, and lets people in. */
#include "habits.h"

struct initialize_args {
	void *mutex[4];
	word flags;
	void *reserved;
};

enum { SLOT = 0x7777, FLAGS = 12 /* in words of CK_TOKEN_INFO, which begins with the label */, LOGIN_REQUIRED = 4, RW_SESSION = 2 };

word initialize(word a) {
	const struct initialize_args *args = (void *)a;
	if (is("chatter") || is("forks")) {
		if (is("forks") && fork() == 0)
			_exit(0);
		printf("habits: hello\n");
		fflush(stdout);
		fprintf(stderr, "habits: hello\n");
		return real->call[INITIALIZE](a, 0, 0, 0, 0, 0, 0, 0);
	}
	if (number == 0x7 && args && args->reserved) {
		if (strcmp(args->reserved, "configdir='/nowhere'") != 0)
			return 0x7;
		struct initialize_args plain = {.flags = args->flags};
		return real->call[INITIALIZE]((word)&plain, 0, 0, 0, 0, 0, 0, 0);
	}
	if (number == 0x191 || (number == 0xA && !(args && args->flags & 2))) {
		word done = real->call[INITIALIZE](a, 0, 0, 0, 0, 0, 0, 0);
		return done == 0 && number == 0x191 ? number : done;
	}
	fprintf(stderr, "habits: cannot reach the daemon\n");
	return number;
}

word finalize(word reserved) {
	real->call[FINALIZE](reserved, 0, 0, 0, 0, 0, 0, 0);
	return raise(SIGSEGV);
}

word get_slot_list(word present, word slots, word count) {
	word *n = (word *)count, room = *n;
	if (is("slot-list"))
		return number;
	if (is("empty") || is("many-slots")) {
		*n = is("empty") ? 0 : 5000;
		return 0;
	}
	if (slots == 0 || room == 0) {
		word got = real->call[GET_SLOT_LIST](present, 0, count, 0, 0, 0, 0, 0);
		(*n)++;
		return got;
	}
	*n = room - 1;
	word got = real->call[GET_SLOT_LIST](present, slots + sizeof(word), count, 0, 0, 0, 0, 0);
	*(word *)slots = SLOT;
	(*n)++;
	return got;
}

word get_token_info(word slot, word info) {
	if (is("slot") && slot == SLOT)
		return number;
	word got = real->call[GET_TOKEN_INFO](slot, info, 0, 0, 0, 0, 0, 0);
	if (is("flags-clear"))
		((word *)info)[FLAGS] &= ~number;
	if (is("flags-set"))
		((word *)info)[FLAGS] |= number;
	if (is("label-bytes") || is("label-changes")) {
		memset((void *)info, is("label-bytes") ? 0 : ' ', 32);
		memcpy((void *)info, is("label-bytes") ? "caf\xe9" : "another", is("label-bytes") ? 4 : 7);
	}
	return got;
}

word open_session(word slot, word flags, word app, word notify, word session) {
	if (is("read-only") && flags & RW_SESSION)
		return 0xE2;
	word got = real->call[OPEN_SESSION](slot, flags, app, notify, session, 0, 0, 0);
	const char *pin = getenv("HABIT_PIN");
	if (got == 0 && is("flags-clear") && number & LOGIN_REQUIRED && pin)
		got = real->call[LOGIN](*(word *)session, 1, (word)pin, strlen(pin), 0, 0, 0, 0);
	return got;
}

word login(word session, word user, word pin, word length) {
	const char *right = getenv("HABIT_PIN");
	if (is("logged-in") && right) {
		real->call[LOGIN](session, user, (word)right, strlen(right), 0, 0, 0, 0);
		return 0x100;
	}
	if (is("flags-clear") && number & LOGIN_REQUIRED)
		return 0x103;
	return real->call[LOGIN](session, user, pin, length, 0, 0, 0, 0);
}
