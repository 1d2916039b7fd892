package main

import (
	"context"
	"encoding/json"
	"io"
	"time"

	"github.com/spf13/cobra"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/prompt"
	releases "github.com/uptane/keyrite/ceremony/release"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/hsm"
)

func (a *app) releaseCommand() *cobra.Command {
	request, dry, room := releases.Request{}, false, ""
	var counter int64
	c := &cobra.Command{
		Use:   "release [IMAGES...] --role NAME -o FILE",
		Short: "Hash, plan, run and bundle without people, in CI",
		Long: `Release images in one go, as CI does: hash them, have a role list them, sign that
role and those that state it, and pack what is signed with the images that are new.
Nobody is asked anything. site.yaml must let the tokens sign these roles unattended,
and the policy must allow it; whatever else would have to be signed, such as a changed
key, a delegation or an image that somebody wrote into the list, ends it with exit code
3 before anything is written: a workspace that was left dirty is never signed along.

IMAGES are files, which get their own names as paths, and folders, whose files get
their paths in them; --under puts them below a path. A path keeps its content: a changed
image under an old path is refused, unless --replace is given. What is listed already
and valid is packed again, and nothing is signed. Without IMAGES the role is signed
anew, which is how timestamp stays fresh.

Two releases at once wait for each other, for the repository and for each token, and
the later begins from the result of the earlier. One that was killed is finished by the
next that releases the same images: run the same command again.`,
		Example: `  # what a CI job does with what it has built
  keyrite release build/abs-3.0.2.bin --under acme-brakes --role acme-brakes \
      --hardware-id acme-abs --release-counter 7 -o release.tar

  # every night
  keyrite release --role timestamp -o timestamp.tar

  # what would it sign? The plan, as JSON
  keyrite release build/images --role targets --dry-run

  # believe no other site.yaml than the one that was reviewed
  keyrite release build/images --role targets -o release.tar --room-sha256 5d01…`,
		RunE: func(c *cobra.Command, args []string) (err error) {
			request.Images = args
			if c.Flags().Changed("release-counter") {
				request.ReleaseCounter = &counter
			}
			if request.RoomSHA256, err = hashFlag("room-sha256", room); err != nil {
				return err
			}
			if (request.Out == "") != dry {
				return fault.Errorf(fault.Usage, "want --out FILE, or --dry-run, and not both")
			}
			return a.release(c.Context(), request)
		},
	}
	c.Flags().StringVar(&request.Role, "role", "", "what lists the images: targets or a delegated role; or snapshot, timestamp to sign anew")
	c.Flags().StringVarP(&request.Out, "out", "o", "", "the bundle to write; it must not exist")
	c.Flags().BoolVar(&dry, "dry-run", false, "print the plan as JSON, and do nothing")
	c.Flags().StringVar(&request.Repository, "repository", "", "the repository (default: the only one that has the role)")
	c.Flags().StringVar(&request.Under, "under", "", "where the repository has the images: a path above theirs")
	c.Flags().StringArrayVar(&request.HardwareIDs, "hardware-id", nil, "an ECU that may install the images (repeat)")
	c.Flags().Int64Var(&counter, "release-counter", 0, "release counter of the images")
	c.Flags().BoolVar(&request.Only, "only", false, "the role lists these images from now on, and no others")
	c.Flags().BoolVar(&request.Replace, "replace", false, "a path that is listed gets another content")
	c.Flags().StringVar(&request.Reason, "reason", "release", "why, in your words; it stands in the plan and the record")
	c.Flags().StringVar(&room, "room-sha256", "", "the site.yaml that was reviewed")
	c.Flags().DurationVar(&request.Wait, "wait", 10*time.Minute, "how long to wait for another keyrite that has the repository or a token")
	c.MarkFlagRequired("role")
	return a.answers(c, &shownRelease{})
}

func (a *app) release(ctx context.Context, request releases.Request) error {
	return a.withTokens(func(ws *workspace.Workspace, protections []hsm.Protection) error {
		r := &releases.Releaser{Room: a.room(ws), Inspect: a.machine(protections).Look}
		r.Prompter = prompt.Nobody(a.stderr) // also where there is somebody
		progress, end := a.progress("hashing")
		r.Progress = func(done, total int64) {
			if progress != nil {
				progress(done, total)
			}
			if done == total {
				end()
			}
		}
		if request.Out == "" {
			return a.dryRelease(ctx, r, request)
		}
		released, err := r.Release(ctx, request)
		if err != nil {
			return err
		}
		a.sayReleased(released)
		return a.print(&shownRelease{Released: released}, nil)
	})
}

func (a *app) sayReleased(released *releases.Released) {
	if released.Ceremony == "" {
		a.say("nothing to sign: all of it is listed and valid")
	}
	a.sayBundled(released.Bundle)
}

// shownRelease is what a release made, or would make.
type shownRelease struct {
	*releases.Released
	Dry *shownPlan `json:"dry-run,omitempty"`
}

// dryRelease prints the plan that a release would run: as JSON also for people.
func (a *app) dryRelease(ctx context.Context, r *releases.Releaser, request releases.Request) error {
	made, err := r.Dry(ctx, request)
	if err != nil {
		return err
	}
	shown := &shownPlan{Repository: made.Scene.Repo.Name, Nothing: made.Plan == nil, Plan: made.Plan, Room: made.Room, SameAs: made.SameAs}
	if shown.Nothing {
		a.say("nothing to sign: all of it is listed and valid")
	}
	return a.print(&shownRelease{Dry: shown}, func(w io.Writer) {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		_ = e.Encode(shown)
	})
}
