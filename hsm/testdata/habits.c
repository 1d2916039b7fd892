/* A PKCS#11 module for tests that stands in front of SoftHSM and has one of the
 * habits of other modules. docs/hsm-modules.md says what keyrite does about each. What it does when it is
 * started and logged in to is in manners.c, the rest here.
 *
 *   HABIT_MODULE  path of the real module
 *   HABIT         the habit, and for some a number in hex: an answer (CKR) or flags
 *   HABIT_PIN     the user PIN, for "flags-clear" with CKF_LOGIN_REQUIRED
 *
 *   search-value CKR       a search by CKA_EC_POINT or CKA_MODULUS answers CKR; 0: finds nothing
 *   search-class           a search by anything but CKA_CLASS finds nothing
 *   search-none            a search for public keys, by class or by value, finds nothing
 *   own-ids                new keys get an id of the token's own
 *   own-ids-apart          and the public key another one than the private key
 *   own-ids-fail           as own-ids; and C_GenerateKeyPair makes the pair and then fails
 *   wrong-handles          C_GenerateKeyPair gives the handles of the first pair, always
 *   not-sensitive          CKA_SENSITIVE is false
 *   each-time              new keys want the PIN for each signature (CKA_ALWAYS_AUTHENTICATE)
 *   officer-only           C_GenerateKeyPair answers CKR_USER_NOT_LOGGED_IN, always
 *   slot CKR               there is one more slot, first in the list, that answers CKR
 *   initialize CKR         C_Initialize answers CKR; ARGUMENTS_BAD only without pReserved,
 *                          CANT_LOCK only with CKF_OS_LOCKING_OK, ALREADY_INITIALIZED when it is done
 *   empty                  no slot has a token
 *   slot-list CKR          C_GetSlotList answers CKR
 *   flags-clear FLAGS      C_GetTokenInfo does not show FLAGS; without CKF_LOGIN_REQUIRED
 *                          everything works at once, and C_Login answers CKR_USER_TYPE_INVALID
 *   flags-set FLAGS        C_GetTokenInfo shows FLAGS too
 *   label-bytes            the token's label is not UTF-8, and padded with NUL
 *   label-changes          the token's label is another one than it was
 *   logged-in              C_Login answers CKR_USER_ALREADY_LOGGED_IN, to any PIN
 *   read-only              C_OpenSession refuses sessions that write
 *   curve-oid              Edwards curves by their OID only
 *   curve-name             Edwards curves by their printable string only
 *   not-local              CKA_LOCAL is false
 *   endless                C_FindObjects never comes to an end
 *   chatter                writes to stdout and stderr
 *   forks                  C_Initialize starts a process of its own, if it can
 *   crash-at-end           C_Finalize crashes
 *   mechanism-info CKR     C_GetMechanismInfo answers CKR
 *   many-slots             C_GetSlotList has very many
 *   many-mechanisms        C_GetMechanismList has very many
 *   large-attribute        CKA_LABEL is very long
 */
#include "habits.h"

struct attribute {
	word type;
	void *value;
	word length;
};

enum { CLASS = 0, LABEL = 3, ID = 0x102, SENSITIVE = 0x103, MODULUS = 0x120, LOCAL = 0x163, EC_PARAMS = 0x180, EC_POINT = 0x181, EACH_TIME = 0x202 };
enum { PUBLIC_KEY = 2 };

struct list *real;
char habit[64];
word number;
static struct list list;

static struct attribute *find(word template, word count, word type) {
	struct attribute *a = (struct attribute *)template;
	for (word i = 0; i < count; i++)
		if (a[i].type == type)
			return &a[i];
	return NULL;
}

static word get_attribute(word session, word object, word template, word count) {
	word got = real->call[GET_ATTRIBUTE](session, object, template, count, 0, 0, 0, 0);
	struct attribute *a = find(template, count, is("not-local") ? LOCAL : is("not-sensitive") ? SENSITIVE : LABEL);
	if (a && !is("large-attribute") && a->value)
		*(char *)a->value = 0;
	if (a && is("large-attribute"))
		a->length = 64 << 20;
	return got;
}

static word find_init(word session, word template, word count) {
	struct attribute nothing = {LABEL, "?", 1}, *class = find(template, count, CLASS);
	int by_value = find(template, count, EC_POINT) || find(template, count, MODULUS);
	if (is("search-value") && by_value && number)
		return number;
	if ((is("search-value") && by_value) || (is("search-class") && (count != 1 || !class)) ||
	    (is("search-none") && (by_value || (class && *(word *)class->value == PUBLIC_KEY))))
		return real->call[FIND_INIT](session, (word)&nothing, 1, 0, 0, 0, 0, 0);
	return real->call[FIND_INIT](session, template, count, 0, 0, 0, 0, 0);
}

static word find_endless(word session, word objects, word most, word count) {
	(void)session;
	for (word i = 0; i < most; i++)
		((word *)objects)[i] = i + 1;
	*(word *)count = most;
	return 0;
}

static word get_mechanism_info(void) { return number; }

static word get_mechanism_list(word slot, word mechanisms, word count) {
	(void)slot;
	*(word *)count = 100000;
	for (word i = 0; mechanisms && i < 100000; i++)
		((word *)mechanisms)[i] = i;
	return 0;
}

/* copy is a template with one attribute set to another value. */
static word copy(word template, word count, struct attribute *into, word type, const void *value, word length) {
	memcpy(into, (void *)template, count * sizeof *into);
	struct attribute *a = find((word)into, count, type);
	if (a) {
		a->value = (void *)value;
		a->length = length;
	}
	return (word)into;
}

static const char oid[] = {6, 3, 0x2b, 0x65, 0x70}, name[] = "\x13\x0c""edwards25519";

static int spelled(const struct attribute *a, const char *value, word length) {
	return a->length == length && memcmp(a->value, value, length) == 0;
}

/* curve says whether the template names the curve as this module wants it; the real
 * one wants the name. */
static word curve(word template, word count, struct attribute *into, word *out) {
	struct attribute *a = find(template, count, EC_PARAMS);
	*out = template;
	if (a == NULL)
		return 0;
	if (is("curve-oid") && !spelled(a, oid, sizeof oid))
		return 0x140;
	if (is("curve-name") && !spelled(a, name, sizeof name - 1))
		return 0x140;
	*out = copy(template, count, into, EC_PARAMS, name, sizeof name - 1);
	return 0;
}

static word generate_pair(word session, word mechanism, word public, word publics, word private, word privates, word a, word b) {
	struct attribute one[32], other[32];
	static unsigned char id[2] = {0x90, 0}, apart[2] = {0x91, 0};
	if (!is("own-ids-same") || id[1] == 0)
		id[1]++, apart[1]++;
	if (is("officer-only"))
		return 0x101;
	if (is("each-time")) {
		static char yes = 1;
		private = copy(private, privates, other, EACH_TIME, NULL, 0);
		other[privates++] = (struct attribute){EACH_TIME, &yes, 1};
	} else if (strncmp(habit, "own-ids", 7) == 0) {
		public = copy(public, publics, one, ID, is("own-ids-apart") ? apart : id, 2);
		private = copy(private, privates, other, ID, id, 2);
	} else {
		word refused = curve(public, publics, one, &public);
		if (refused)
			return refused;
	}
	word got = real->call[GENERATE_PAIR](session, mechanism, public, publics, private, privates, a, b);
	static word first[2];
	if (got == 0 && is("wrong-handles") && first[0]) {
		*(word *)a = first[0];
		*(word *)b = first[1];
	}
	first[0] = *(word *)a;
	first[1] = *(word *)b;
	return is("own-ids-fail") && got == 0 ? 0x6 : got;
}

static word create_object(word session, word template, word count, word object) {
	struct attribute into[32];
	word refused = curve(template, count, into, &template);
	return refused ? refused : real->call[CREATE_OBJECT](session, template, count, object, 0, 0, 0, 0);
}

/* unwrap_key makes some Edwards key instead, since SoftHSM wraps none. */
static word unwrap_key(word session, word mechanism, word key, word wrapped, word length, word template, word count, word object) {
	word edwards[3] = {0x1055, 0, 0}, public_handle;
	struct attribute public = {EC_PARAMS, (void *)name, sizeof name - 1};
	(void)mechanism, (void)key, (void)wrapped, (void)length;
	return real->call[GENERATE_PAIR](session, (word)edwards, (word)&public, 1, template, count, (word)&public_handle, object);
}

/* habits say which functions they change. */
static const struct {
	const char *name;
	int index;
	void *call;
} changes[] = {
	{"search-value", FIND_INIT, find_init}, {"search-class", FIND_INIT, find_init}, {"search-none", FIND_INIT, find_init},
	{"own-ids", GENERATE_PAIR, generate_pair}, {"own-ids-apart", GENERATE_PAIR, generate_pair}, {"own-ids-fail", GENERATE_PAIR, generate_pair}, {"own-ids-same", GENERATE_PAIR, generate_pair},
	{"wrong-handles", GENERATE_PAIR, generate_pair}, {"each-time", GENERATE_PAIR, generate_pair}, {"officer-only", GENERATE_PAIR, generate_pair},
	{"slot", GET_SLOT_LIST, get_slot_list}, {"slot", GET_TOKEN_INFO, get_token_info}, {"empty", GET_SLOT_LIST, get_slot_list}, {"slot-list", GET_SLOT_LIST, get_slot_list}, {"many-slots", GET_SLOT_LIST, get_slot_list},
	{"initialize", INITIALIZE, initialize}, {"chatter", INITIALIZE, initialize}, {"forks", INITIALIZE, initialize}, {"crash-at-end", FINALIZE, finalize},
	{"flags-set", GET_TOKEN_INFO, get_token_info}, {"label-bytes", GET_TOKEN_INFO, get_token_info}, {"label-changes", GET_TOKEN_INFO, get_token_info},
	{"flags-clear", GET_TOKEN_INFO, get_token_info}, {"flags-clear", OPEN_SESSION, open_session}, {"flags-clear", LOGIN, login},
	{"logged-in", LOGIN, login}, {"read-only", OPEN_SESSION, open_session},
	{"curve-oid", GENERATE_PAIR, generate_pair}, {"curve-oid", CREATE_OBJECT, create_object}, {"curve-oid", UNWRAP_KEY, unwrap_key},
	{"curve-name", GENERATE_PAIR, generate_pair}, {"curve-name", CREATE_OBJECT, create_object}, {"curve-name", UNWRAP_KEY, unwrap_key},
	{"not-local", GET_ATTRIBUTE, get_attribute}, {"not-sensitive", GET_ATTRIBUTE, get_attribute}, {"large-attribute", GET_ATTRIBUTE, get_attribute},
	{"endless", FIND, find_endless}, {"mechanism-info", GET_MECHANISM_INFO, get_mechanism_info},
	{"many-mechanisms", GET_MECHANISM_LIST, get_mechanism_list},
};

word C_GetFunctionList(struct list **out) {
	const char *path = getenv("HABIT_MODULE"), *which = getenv("HABIT");
	void *module = path ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : NULL;
	word (*get)(struct list **) = module ? (word(*)(struct list **))dlsym(module, "C_GetFunctionList") : NULL;
	if (get == NULL || get(&real) != 0 || which == NULL || sscanf(which, "%63s %lx", habit, &number) < 1)
		abort();
	list = *real;
	int known = 0;
	for (unsigned long i = 0; i < sizeof changes / sizeof *changes; i++)
		if (is(changes[i].name)) {
			list.call[changes[i].index] = (function)changes[i].call;
			known = 1;
		}
	if (!known)
		abort();
	*out = &list;
	return 0;
}
