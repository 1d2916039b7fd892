package plan

// ChangesFile lies beside a plan and lists all that changes.
const ChangesFile = "changes.jsonl"
