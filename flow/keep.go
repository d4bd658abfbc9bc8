package flow

// Keep writes a run's records to a journal while the run is under way.
//
// The run waits for its journal when it is 1,024 records or 50 ms ahead; only a step that gives
// more records at once can bring it further ahead. So a run whose process is killed does at most
// that much again when it is resumed. With [Sync] it is not ahead at all. Replies and other events
// from outside, and the point from which a run is forked, are always safe before the run acts on
// them: written, and synced so that a power loss does not take them. The whole journal is synced at
// the end, before [Run.Wait] returns.
//
// A journal that fails is given up and logged, and the run continues without it: [Run.JournalErr]
// and a JournalFailed record say so. With [FailWithJournal] the run fails instead.
//
// The journal of a resumed run gets the records that follow those that it has. One that has none
// begins with the state of the run, so that it can be resumed without the records before.
func Keep(j Journal, opts ...KeepOption) RunOption {
	return runOption(func(r *run) {
		r.keeper = &keeper{j: j}
		r.keeper.cond.L = &r.keeper.mu
		for _, o := range opts {
			o.applyKeep(r.keeper)
		}
	})
}

// A KeepOption changes how a run is kept. See [Keep].
type KeepOption interface{ applyKeep(*keeper) }

type keepOption func(*keeper)

func (o keepOption) applyKeep(k *keeper) { o(k) }

// Sync lets a step begin only when all that happened before is written, so that no step that has
// finished is called again after its process was killed. Steps that begin at the same time wait for
// one write.
func Sync() KeepOption { return keepOption(func(k *keeper) { k.sync = true }) }

// Fsync syncs the journal after each group of records, so that even a power loss takes only what
// [Keep] or [Sync] allow.
func Fsync() KeepOption { return keepOption(func(k *keeper) { k.fsync = true }) }

// FailWithJournal fails the run with a [JournalError] if its journal cannot be written. An event
// that could not be kept is then an error of [Run.Send], and the run has not acted on it.
func FailWithJournal() KeepOption { return keepOption(func(k *keeper) { k.must = true }) }
