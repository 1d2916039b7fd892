package hsm

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// halves makes a process that has a channel and nobody behind it, and returns the
// other end.
func halves(t *testing.T) (p *process, requests, answers *os.File) {
	t.Helper()
	ours, theirs, err := newChannel()
	if err != nil {
		t.Fatal(err)
	}
	requests, answers = theirs.files()
	t.Cleanup(func() {
		ours.Close()
		requests.Close()
		answers.Close()
	})
	p = &process{module: Module{Name: "none"}, channel: ours, last: make(chan struct{}), exited: make(chan struct{})}
	close(p.last)
	close(p.exited)
	return p, requests, answers
}

// A helper that does not read is given up when the time is up, or when the caller
// goes, in the middle of a request. The next call hears the same.
func TestRequestNobodyReads(t *testing.T) {
	body := make([]byte, 4<<20) // more than any socket holds
	for _, c := range []struct {
		patience, timeout time.Duration
		want              error
	}{
		{time.Hour, 70 * time.Millisecond, ErrTimeout},
		{70 * time.Millisecond, time.Hour, ErrCanceled},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), c.patience)
		defer cancel()
		p, _, _ := halves(t)
		start := time.Now()
		_, err := p.do(ctx, c.timeout, "sign", none{}, body, &none{})
		if !errors.Is(err, c.want) || time.Since(start) > 10*time.Second {
			t.Errorf("got %v after %v, want %v", err, time.Since(start), c.want)
		}
		if _, again := p.do(t.Context(), time.Hour, "sign", none{}, nil, &none{}); !errors.Is(again, c.want) {
			t.Errorf("the next call: got %v, want %v", again, c.want)
		}
	}
}

// A request that is longer than the socket holds arrives whole.
func TestLongRequest(t *testing.T) {
	p, requests, answers := halves(t)
	body := bytes.Repeat([]byte("0123456789abcdef"), 4<<16)
	got := make(chan []byte, 1)
	go func() {
		time.Sleep(50 * time.Millisecond) // so that the writer has to wait
		f, err := readFrame(requests, maxBodyBytes)
		if err == nil {
			err = writeFrame(answers, wordDone, none{}, []byte("thanks"))
		}
		if err != nil {
			t.Error(err)
		}
		got <- f.body
	}()
	answer, err := p.do(t.Context(), time.Minute, "sign", none{}, body, &none{})
	if err != nil || string(answer) != "thanks" {
		t.Fatalf("got %q, %v", answer, err)
	}
	if !bytes.Equal(<-got, body) {
		t.Error("the request arrived changed")
	}
}

// A helper that has gone is noticed while it is written to.
func TestRequestToNobody(t *testing.T) {
	p, requests, _ := halves(t)
	go func() {
		time.Sleep(20 * time.Millisecond)
		requests.Close()
	}()
	_, err := p.do(t.Context(), time.Hour, "sign", none{}, make([]byte, 4<<20), &none{})
	if !errors.Is(err, ErrCrashed) {
		t.Errorf("got %v, want %v", err, ErrCrashed)
	}
}

// So is one that does not answer.
func TestRequestNobodyAnswers(t *testing.T) {
	p, _, answers := halves(t)
	if _, err := answers.Write([]byte{0, 0}); err != nil { // of a frame's first eight bytes
		t.Fatal(err)
	}
	if _, err := p.do(t.Context(), 50*time.Millisecond, "sign", none{}, nil, &none{}); !errors.Is(err, ErrTimeout) {
		t.Errorf("got %v, want %v", err, ErrTimeout)
	}
}

// Who waits in the queue and gives up ends the helper for the one before it, too: the
// queue has no holes.
func TestQueuedCallerGivesUp(t *testing.T) {
	p, _, _ := halves(t)
	first := make(chan error, 1)
	go func() {
		_, err := p.do(t.Context(), time.Hour, "sign", none{}, nil, &none{})
		first <- err
	}()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := p.do(ctx, time.Hour, "keys", none{}, nil, &none{})
	if before := <-first; !errors.Is(err, ErrCanceled) || !errors.Is(before, ErrCanceled) {
		t.Errorf("got %v and before it %v, want %v", err, before, ErrCanceled)
	}
}

// Answers that came together are taken one by one.
func TestAnswersTogether(t *testing.T) {
	p, _, answers := halves(t)
	for _, body := range []string{"first", "second"} {
		if err := writeFrame(answers, wordDone, none{}, []byte(body)); err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []string{"first", "second"} {
		if got, err := p.do(t.Context(), time.Minute, "sign", none{}, nil, &none{}); err != nil || string(got) != want {
			t.Errorf("got %q, %v, want %q", got, err, want)
		}
	}
}

// Neither end of a channel can be opened a second time through /proc.
func TestChannelOpensOnce(t *testing.T) {
	p, requests, answers := halves(t)
	for _, f := range []*os.File{p.channel.requests, p.channel.answers, requests, answers} {
		conn, err := f.SyscallConn()
		if err != nil {
			t.Fatal(err)
		}
		err = conn.Control(func(fd uintptr) {
			if again, err := os.OpenFile(descriptor(int(fd)), os.O_RDWR, 0); !errors.Is(err, unix.ENXIO) {
				again.Close()
				t.Errorf("%s: got %v, want ENXIO", f.Name(), err)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// What was read ahead comes whole, in any pieces, and nothing of it stays behind.
func TestWipedReader(t *testing.T) {
	text := bytes.Repeat([]byte("PIN 1234 "), 2000)
	r := &wipedReader{from: bytes.NewReader(text)}
	var got []byte
	for piece := 1; len(got) < len(text); piece = piece*2%4099 + 1 {
		p := make([]byte, piece)
		n, err := r.Read(p)
		if err != nil || !bytes.Equal(r.buffer[:r.start], make([]byte, r.start)) {
			t.Fatalf("%v, and %q is left", err, r.buffer[:r.start])
		}
		got = append(got, p[:n]...)
	}
	if !bytes.Equal(got, text) {
		t.Error("it came changed")
	}
	if n, err := r.Read(make([]byte, 1)); n != 0 || err != io.EOF {
		t.Errorf("got %d, %v, want the end", n, err)
	}
}
