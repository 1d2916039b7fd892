package fault

import (
	"errors"
	"io/fs"
	"syscall"

	"github.com/uptane/keyrite/hsm"
)

// Word says in one word what went wrong, for programs: finer than the exit code,
// and as stable. A word is never taken out or given another meaning.
type Word string

// WordInfo is one Word, for the documentation.
type WordInfo struct {
	Word  Word
	Exit  Code   // that it comes with, when nothing around it says another
	Means string // half a sentence
}

// Every Word. The first of each exit code is what an error is called that says no more.
const (
	WordFailed     Word = "failed"
	WordUsage      Word = "usage"
	WordRefused    Word = "policy-refused"
	WordUnverified Word = "verification-failed"
	WordIncomplete Word = "incomplete"
	WordToken      Word = "token-failed"
	WordInterrupt  Word = "interrupted"

	WordMalformed   Word = "file-malformed"
	WordFileMissing Word = "file-missing"
	WordFileExists  Word = "file-exists"
	WordPermission  Word = "permission-denied"
	WordDiskFull    Word = "disk-full"
	WordLocked      Word = "locked"

	WordPINWrong        Word = "pin-wrong"
	WordPINLocked       Word = "pin-locked"
	WordPINFinalTry     Word = "pin-final-try"
	WordPINUnacceptable Word = "pin-unacceptable"
	WordPINUnreadable   Word = "pin-unreadable"
	WordTokenMissing    Word = "token-missing"
	WordTokenAmbiguous  Word = "token-ambiguous"
	WordTokenBusy       Word = "token-busy"
	WordTokenReadOnly   Word = "token-read-only"
	WordUnsupported     Word = "token-unsupported"
	WordLedger          Word = "token-ledger"
	WordKeyMissing      Word = "key-missing"
	WordKeyExists       Word = "key-exists"
	WordKeyUnproved     Word = "key-unproved"
	WordModuleUnusable  Word = "module-unusable"
	WordModuleCrashed   Word = "module-crashed"
	WordModuleTimeout   Word = "module-timeout"
)

// Words lists every Word, those of one exit code together.
func Words() []WordInfo {
	return []WordInfo{
		{WordFailed, Failed, "it went wrong, and no other word says it better"},
		{WordDiskFull, Failed, "the disk is full"},
		{WordFileExists, Failed, "a file is there already, and nothing is overwritten"},
		{WordFileMissing, Failed, "a file is not there"},
		{WordLocked, Failed, "another keyrite works here"},
		{WordPermission, Failed, "this user may not read or write a file"},
		{WordUsage, Usage, "the command line is not understood, or what it asks for cannot be"},
		{WordMalformed, Usage, "a file that people write has a mistake; `where` names file, line and field"},
		{WordRefused, Refused, "the policy refuses it"},
		{WordUnverified, Unverified, "a signature, hash or chain does not verify, or inputs changed since they were reviewed"},
		{WordIncomplete, Incomplete, "signatures are missing, or something is overdue"},
		{WordToken, Token, "a token or its module failed, and no other word says it better"},
		{WordPINWrong, Token, "the token says that the PIN is wrong; it is not tried again"},
		{WordPINLocked, Token, "the token has locked the PIN"},
		{WordPINFinalTry, Token, "one try is left, which keyrite does not use up"},
		{WordPINUnacceptable, Token, "the token does not take such a PIN"},
		{WordPINUnreadable, Token, "the source of the PIN cannot be read"},
		{WordTokenMissing, Token, "the token is not plugged in, or was removed"},
		{WordTokenAmbiguous, Token, "more than one token or key matches"},
		{WordTokenBusy, Token, "another process uses the token"},
		{WordTokenReadOnly, Token, "the token is write-protected"},
		{WordUnsupported, Token, "the token cannot do it"},
		{WordLedger, Token, "what the token remembers to have signed is not as it should be"},
		{WordKeyMissing, Token, "the key is not on the token"},
		{WordKeyExists, Token, "the key or object is on the token already"},
		{WordKeyUnproved, Token, "attributes, proof, attestation or signature of a key do not hold"},
		{WordModuleUnusable, Token, "the module cannot be loaded or started, or is not the one that is pinned"},
		{WordModuleCrashed, Token, "the module crashed"},
		{WordModuleTimeout, Token, "the module did not answer in time"},
		{WordInterrupt, Interrupted, "a person pressed Ctrl-C, or a signal ended it"},
	}
}

// Called gives an error a finer word than its exit code has.
func (e *Error) Called(w Word) *Error {
	e.Word = w
	return e
}

// WordOf is the word for an error, "" for nil: the outermost that was given; else what
// the token or the file system says, where the exit code leaves it open; else that of
// the exit code.
func WordOf(err error) Word {
	if err == nil {
		return ""
	}
	if w := called(err); w != "" {
		return w
	}
	code := CodeOf(err)
	switch code {
	case Token:
		return wordIn(err, ofTokens, WordToken)
	case Failed, Usage:
		return wordIn(err, ofFiles, first(code))
	}
	return first(code)
}

// called is the outermost word that was given together with the exit code.
func called(err error) (w Word) {
	code := CodeOf(err)
	walkErrors(err, func(err error) {
		if e, is := err.(*Error); is && w == "" && e.Code == code {
			w = e.Word
		}
	})
	return w
}

func first(code Code) Word {
	for _, w := range Words() {
		if w.Exit == code {
			return w.Word
		}
	}
	return WordFailed
}

// meaning is a word for what an error is.
type meaning struct {
	is   error
	word Word
}

func wordIn(err error, meanings []meaning, otherwise Word) Word {
	for _, m := range meanings {
		if errors.Is(err, m.is) {
			return m.word
		}
	}
	return otherwise
}

var ofFiles = []meaning{
	{syscall.ENOSPC, WordDiskFull}, {syscall.EDQUOT, WordDiskFull},
	{fs.ErrExist, WordFileExists}, {fs.ErrNotExist, WordFileMissing}, {fs.ErrPermission, WordPermission},
}

var ofTokens = []meaning{
	{hsm.ErrPINIncorrect, WordPINWrong}, {hsm.ErrPINLocked, WordPINLocked}, {hsm.ErrPINFinalTry, WordPINFinalTry},
	{hsm.ErrPINInvalid, WordPINUnacceptable}, {hsm.ErrPINSource, WordPINUnreadable},
	{hsm.ErrTokenNotFound, WordTokenMissing}, {hsm.ErrTokenRemoved, WordTokenMissing},
	{hsm.ErrAmbiguous, WordTokenAmbiguous}, {hsm.ErrBusy, WordTokenBusy}, {hsm.ErrReadOnly, WordTokenReadOnly},
	{hsm.ErrUnsupported, WordUnsupported}, {hsm.ErrLedger, WordLedger},
	{hsm.ErrKeyNotFound, WordKeyMissing}, {hsm.ErrExists, WordKeyExists},
	{hsm.ErrEvidence, WordKeyUnproved}, {hsm.ErrProof, WordKeyUnproved}, {hsm.ErrAttestation, WordKeyUnproved}, {hsm.ErrSignature, WordKeyUnproved},
	{hsm.ErrModule, WordModuleUnusable}, {hsm.ErrStart, WordModuleUnusable}, {hsm.ErrCrashed, WordModuleCrashed}, {hsm.ErrTimeout, WordModuleTimeout},
}
