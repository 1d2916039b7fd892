package runbook

import (
	"fmt"
	"strings"

	"github.com/uptane/keyrite/ceremony/page"
	"github.com/uptane/keyrite/ceremony/people"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/review"
	"github.com/uptane/keyrite/ceremony/room"
)

// writer sets the acts of steps, and keeps the state of tokens beside them.
type writer struct {
	*script
	blocks []page.Block
	step   *page.Step
	err    error
}

func (w *writer) begin(number, title string) {
	w.step = &page.Step{Number: number, Title: title}
	w.blocks = append(w.blocks, w.step)
}

func (w *writer) act(who, verb, text string) {
	w.step.Acts = append(w.step.Acts, page.Act{Who: who, Verb: verb, Text: text})
}

// signed is an act with boxes for initials and time.
func (w *writer) signed(who, verb, text string) {
	w.step.Acts = append(w.step.Acts, page.Act{Who: who, Verb: verb, Text: text, Signs: true})
}

func (w *writer) screen(text string) {
	w.step.Acts = append(w.step.Acts, page.Act{Verb: "SCREEN", Text: text, Screen: true})
}

// move notes the first thing that is wrong with the state of tokens.
func (w *writer) move(err error) {
	if w.err == nil {
		w.err = err
	}
}

// steps is R6: opening, and the numbered steps of the plan.
func (s *script) steps() (page.Section, error) {
	w := &writer{script: s}
	w.opening()
	reviewedOne := false
	for _, step := range s.Plan.Steps {
		w.begin(fmt.Sprint(step.Step), s.Plan.Heading(step))
		if s.away(step) {
			w.elsewhere(step)
			continue
		}
		switch step.Do {
		case plan.Generate:
			w.generate(step)
		case plan.Review:
			w.review(step, !reviewedOne)
			reviewedOne = true
		case plan.Sign:
			w.sign(step)
		case plan.Write:
			w.write(step)
		case plan.Seal:
			w.seal(step)
		case plan.Verify:
			w.verify(step)
		case plan.Destroy:
			w.destroy(step)
		}
	}
	return page.Section{Mark: "R6", Title: "Steps", Blocks: w.blocks}, w.err
}

// opening are the physical steps before the first of the plan.
func (w *writer) opening() {
	for i, token := range w.tokensOf() {
		who := w.custodianOf(token)
		w.begin(fmt.Sprintf("O%d", i+1), "unpack token "+token)
		w.act(who, "DO", "Bring the bag of "+token+". Do not open it.")
		w.act(internalWitness, "CHECK", "The number on the bag is that of the last ceremony's paper.")
		w.act(who, "DO", "Show the seal, then cut. Read the serial number aloud, in full; IW reads it back.")
		w.signed(internalWitness, "WRITE", "Bag number into R4. Seal whole?")
		w.act("", "IF", "seal broken or number other: STOP, exception sheet, branch D.")
		w.move(w.state.unpack(token))
	}
	n := len(w.tokensOf())
	w.begin(fmt.Sprintf("O%d", n+1), "is the machine fit")
	w.act(administrator, "DO", "Type: keyrite preflight")
	w.signed(internalWitness, "CHECK", "No line says FAIL.")
	w.begin(fmt.Sprintf("O%d", n+2), "begin")
	w.signed(administrator, "DO", "Type: keyrite run "+w.Plan.Ceremony)
	for _, seat := range w.seats() {
		w.screen(seat)
	}
	w.act(administrator, "DO", "Type each name as it is asked for. Who is named says “here”.")
	w.act(internalWitness, "CHECK", "Names and parts on the screen are those of R2.")
	w.screen(paper("plan"))
	w.act(externalWitness, "SAY", "Only the words asked, from the cover of this paper: PLAN.")
	w.screen(paper("room"))
	w.act(externalWitness, "SAY", "Only the words asked, from the cover of this paper: ROOM.")
	if w.Plan.Complete != "" {
		w.screen(paper("kit"))
		w.act(externalWitness, "SAY", "Only the words asked, from the paper in the envelope: KIT.")
	}
	w.act("", "IF", "refused: type once more. Refused again: STOP, sheet, branch C.")
	w.act(internalWitness, "CHECK", "Every token is here, or NOT HERE until its step.")
	w.screen(strings.TrimSpace(people.BagQuestion))
	w.signed(administrator, "DO", "Type each token with the number of its bag; then Enter.")
	w.signed(internalWitness, "WRITE", "The 32 words of the head into the grid below.")
	w.blocks = append(w.blocks, &page.Grid{Caption: "Head at the beginning, written by IW"})
}

// custodianOf is the short name of who holds a token: of the first of its keys
// that a step names.
func (w *writer) custodianOf(token string) string {
	for _, step := range w.Plan.Steps {
		if step.Key != "" && w.site.Keys[step.Key] == token {
			return w.actor(step.Key)
		}
	}
	return administrator
}

// login has a token inserted and its PIN typed.
func (w *writer) login(who, token string) {
	pin, err := w.pinQuestion(token)
	w.move(err)
	if pin == "" {
		return
	}
	w.screen(pin)
	w.act(who, "DO", "Type the PIN of "+token+". Nobody looks.")
	w.act("", "IF", "wrong PIN: read the tries left aloud. One left: STOP, branch A.")
}

// onceMore has the PIN typed again where a key wants it for each signature.
func (w *writer) onceMore(who string, step plan.Step) {
	again, err := w.eachTime(step)
	w.move(err)
	if again != "" {
		w.screen(again)
		w.act(who, "DO", "Type the same PIN again. Nobody looks.")
	}
}

func (w *writer) insert(who, token string) {
	w.act(who, "DO", "Insert token "+token+".")
	w.move(w.state.insert(token))
}

func (w *writer) remove(who, token string) {
	w.act(who, "DO", "Remove token "+token+"; lay it down before IW.")
	w.move(w.state.remove(token))
}

// generate has a token make a key pair. The PIN comes first, once for all keys that
// are made on it one after the other: the token is looked at before anybody is asked.
func (w *writer) generate(step plan.Step) {
	who, token := w.actor(step.Key), w.site.Keys[step.Key]
	begun := w.state.inserted == token
	if !begun {
		w.insert(who, token)
	}
	w.screen(w.heading(step))
	if begun {
		w.act(internalWitness, "CHECK", "No PIN is asked: "+token+" is open since the step before.")
	} else {
		w.login(who, token)
	}
	q, err := w.generateQuestion(step)
	w.move(err)
	w.screen(question(q))
	w.act(who, "CHECK", "Name, type and serial number are those of this paper.")
	w.signed(who, "DO", "Type the phrase.")
	w.screen(made())
	w.signed(internalWitness, "WRITE", "The 8 words of the public key of "+step.Key+": "+eightBlanks)
	if !w.Plan.GoesOn(step, w.site.Keys, w.custodian) {
		w.remove(who, token)
	}
}

const eightBlanks = "____________ ____________ ____________ ____________ ____________ ____________ ____________ ____________"

// review shows a file. Before the first one, tokens confirm the keys that enter a
// role.
func (w *writer) review(step plan.Step, first bool) {
	w.screen(w.heading(step))
	if first {
		for _, token := range w.vouchers() {
			who := w.custodianOf(token)
			w.insert(who, token)
			w.login(who, token)
			w.remove(who, token)
		}
		if shown := w.entering(); len(shown) > 0 {
			w.screen(strings.Join(shown, "\n"))
		}
	}
	w.screen(w.reviewScreen(step))
	defer w.readOn()
	known, _ := w.Plan.File(step.Role)
	if known.SHA256.IsZero() {
		w.act(everybody, "CHECK", "Expiry, changes (in any order) and signers are those of R5. Lines that state versions of other files are not on this paper.")
		w.act(administrator, "SAY", "“Word one, topmost …” from the SCREEN, all 32.")
		w.signed(externalWitness, "WRITE", "The 32 words into the grid below.")
		w.blocks = append(w.blocks, &page.Grid{Caption: fmt.Sprintf("Bytes to sign of %s %d, written by EW", step.Role, step.Version)})
		return
	}
	w.act(everybody, "CHECK", "Expiry, changes and signers are those of R5.")
	w.act(administrator, "SAY", "“Word one …” from the SCREEN, all 32.")
	w.signed(externalWitness, "CHECK", "Follows in the grid below, on PAPER: 32 of 32 equal.")
	w.act("", "IF", "a word differs: do not go on. STOP, sheet, branch C. Keep the screen.")
	w.blocks = append(w.blocks, &page.Grid{Caption: fmt.Sprintf("Bytes to sign of %s %d: EW follows here", step.Role, step.Version), Words: known.SHA256.Words()})
}

// elsewhere is a step of another site. What it did comes here on a stick.
func (w *writer) elsewhere(step plan.Step) {
	w.act(administrator, "CHECK", "Nothing is done here: "+step.Site+" does this step.")
	switch step.Do {
	case plan.Generate:
		w.act(administrator, "IF", "what "+step.Site+" did is not here yet: the run ends, and says whom it waits for. Type then: keyrite merge "+w.Plan.Ceremony+" FILE, and: keyrite run "+w.Plan.Ceremony)
		w.screen(strings.TrimSpace(room.Paper{What: "key " + step.Key, From: step.Site}.Question(review.Blank)))
		w.act(externalWitness, "DO", "Call "+step.Site+" at a number that is known to you. They read the words asked, from keyrite key show "+step.Key+".")
		w.signed(administrator, "DO", "Type these words.")
	case plan.Sign:
		w.act(administrator, "IF", "it is not here yet: the run ends. Type then: keyrite merge "+w.Plan.Ceremony+" FILE, and: keyrite run "+w.Plan.Ceremony)
		w.signed(internalWitness, "CHECK", "The screen says that the signature is verified.")
	}
}

// readOn goes on when everybody has read a file.
func (w *writer) readOn() {
	w.screen(strings.TrimSuffix(review.ReadQuestion, "\n> "))
	w.signed(administrator, "DO", "Nobody objects? Press Enter.")
}

// sign has one key sign: its custodian consents, then the token is opened.
func (w *writer) sign(step plan.Step) {
	if step.Sealed {
		w.unseal(step)
		return
	}
	if step.External {
		w.bring(step)
		return
	}
	who, token := w.actor(step.Key), w.site.Keys[step.Key]
	w.insert(who, token)
	w.screen(w.heading(step))
	w.screen(w.signScreen(step))
	w.act(who, "SAY", "The words from the SCREEN. EW follows on PAPER.")
	w.signed(externalWitness, "CHECK", "32 of 32 equal those of the review.")
	w.signed(who, "DO", "Type the three words asked.")
	w.login(who, token)
	w.onceMore(who, step)
	w.signed(internalWitness, "CHECK", "The screen goes on; the token is logged out.")
	w.remove(who, token)
	w.act("", "IF", "a word differs: do not type. STOP, sheet, branch C.")
}

// bring has somebody bring in the signature of a key that no token here holds.
func (w *writer) bring(step plan.Step) {
	who := w.actor(step.Key)
	w.screen(w.heading(step))
	w.act(administrator, "CHECK", "The screen says that it waits for this signature, and ends.")
	w.act(administrator, "DO", fmt.Sprintf("Type: keyrite sign-request %s --key %s", w.Plan.Ceremony, step.Key))
	w.act(who, "SAY", "The words from the SCREEN. EW follows on PAPER.")
	w.signed(externalWitness, "CHECK", "32 of 32 equal those of the review.")
	w.act(who, "DO", "Sign the bytes of that file with "+step.Key+", as the screen says, and bring the signature.")
	w.signed(administrator, "DO", "Type: keyrite signature add "+w.Plan.Ceremony+" FILE, then: keyrite run "+w.Plan.Ceremony)
	w.signed(internalWitness, "CHECK", "The screen says that the signature is verified.")
	w.act("", "IF", "a word differs: do not sign. STOP, sheet, branch C.")
}

// unseal takes a signature out of the kit that is completed.
func (w *writer) unseal(step plan.Step) {
	w.screen(w.heading(step))
	w.signed(internalWitness, "CHECK", "The screen says that the signature of "+step.Key+" in the kit is verified.")
}

// seal puts an emergency kit into its envelope.
func (w *writer) seal(step plan.Step) {
	w.screen(w.heading(step))
	w.act(administrator, "SAY", "“Word one, topmost …” from the SCREEN, all 32.")
	w.signed(externalWitness, "WRITE", "The 32 words into the grid below, and on the paper that goes into the envelope.")
	w.blocks = append(w.blocks, &page.Grid{Caption: "File of the kit " + w.Plan.Emergency + ", written by EW"})
	w.act(administrator, "DO", "Copy "+step.Path+" onto a stick; stick and paper go into the bag of the kit.")
	w.signed(internalWitness, "WRITE", "Number of that bag: ____________. Where it is kept: ______________________")
}

func (w *writer) write(step plan.Step) {
	w.screen(w.heading(step))
	w.signed(internalWitness, "CHECK", "The next step begins: the file is in place and was read back.")
}

func (w *writer) verify(step plan.Step) {
	w.screen(w.heading(step))
	w.act(everybody, "CHECK", "The versions shown are: "+w.versions()+".")
	w.signed(externalWitness, "CHECK", "No line says that something failed.")
}

func (w *writer) versions() string {
	text := ""
	for i, f := range w.Plan.Files {
		if i > 0 {
			text += ", "
		}
		text += fmt.Sprintf("%s %d", f.Role, f.Version)
	}
	if text == "" {
		return "those of before"
	}
	return text
}

func (w *writer) destroy(step plan.Step) {
	who, token := w.actor(step.Key), w.site.Keys[step.Key]
	w.insert(who, token)
	w.screen(w.heading(step))
	w.login(who, token)
	w.screen(question(w.destroyQuestion(step)))
	w.act(everybody, "CHECK", "This key is the one to destroy. It cannot be undone.")
	w.signed(who, "DO", "Type the phrase.")
	w.signed(externalWitness, "CHECK", "The screen does not say that something failed.")
	w.remove(who, token)
}
