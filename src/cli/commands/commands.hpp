// The commands.  Each returns the exit code and throws headway::Error for what stopped it.
#pragma once

namespace headway::cli {

struct Invocation;

namespace commands {

int upgrade(const Invocation&);
int downgrade(const Invocation&);
int redo(const Invocation&);
int current(const Invocation&);
int heads(const Invocation&);
int history(const Invocation&);
int status(const Invocation&);
int plan(const Invocation&);
int stamp(const Invocation&);
int adopt(const Invocation&);
int import_from(const Invocation&);
int revision(const Invocation&);
int validate(const Invocation&);
int check(const Invocation&);
int init(const Invocation&);
int repair(const Invocation&);
int wait(const Invocation&);
int serve(const Invocation&);
int probe(const Invocation&);
int completion(const Invocation&);
int version(const Invocation&);

}  // namespace commands
}  // namespace headway::cli
