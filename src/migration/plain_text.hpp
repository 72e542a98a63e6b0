// A file's text as a Script holds it.
#pragma once
#include <string>

namespace headway::migration {

/// Takes a byte order mark off and makes CR LF to LF, in place: a text is copied only where it
/// changes.
void to_plain_text(std::string& text);

}  // namespace headway::migration
