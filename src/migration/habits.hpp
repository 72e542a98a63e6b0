// What the tool of a layout does where files and history disagree.
#pragma once

namespace headway::migration {

struct Habits {
  /// It goes on when the file of an applied migration is gone: teams delete old ones.
  bool forgets = false;
  /// It runs a file that came in behind one that was applied.
  bool late = false;
};

}  // namespace headway::migration
