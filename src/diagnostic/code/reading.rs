//! SU01xx: reading files and YAML.

use super::codes;

codes! { READING:
    FILE_UNREADABLE = "SU0101", "file cannot be read",
        "The file does not exist, is a folder, or may not be read by this user. Every file is read before anything is written to the swarm.";
    FILE_TOO_LARGE = "SU0102", "file is too large",
        "A Compose file may have 10 MB. The largest ones in use have some hundred KB, so this is most likely another file: an image, a database dump, a log.";
    NOT_UTF8 = "SU0103", "file is not text",
        "YAML is UTF-8 text (UTF-16 with a byte order mark is read too). Save the file as UTF-8.";
    CONTROL_CHARACTER = "SU0104", "control character in a file",
        "YAML allows no control characters but tab, line feed and carriage return. They often come from a terminal or a word processor.";
    YAML_SYNTAX = "SU0105", "not valid YAML",
        "The text does not follow YAML's grammar, so nothing after this place can be understood. The cause may be a line or two above: an open quote, a missing colon, a different indentation.";
    TAB_INDENT = "SU0106", "indented with a tab",
        "YAML is indented with spaces only, for a tab has a different width in each editor.";
    DUPLICATE_KEY = "SU0107", "key given twice",
        "A mapping holds each key once. Of two equal keys one would be lost in silence, so the file is refused.";
    ALIAS_BUDGET = "SU0108", "aliases multiply beyond measure",
        "Each alias stands for a copy of its anchor. Anchors made of aliases multiply: ten levels of ten are ten billion values. Files beyond the budget are refused before they fill the memory.";
    TOO_DEEP = "SU0109", "nested too deeply",
        "Lists and mappings may be nested 100 deep, aliases followed. Compose needs about a dozen.";
    EMPTY_FILE = "SU0110", "file is empty",
        "There is nothing in the file but perhaps comments. A Compose file has at least `services:`.";
    ROOT_NOT_MAPPING = "SU0111", "file is not a mapping",
        "The outermost thing in a Compose file is a mapping with keys such as `services`, `networks` and `volumes`.";
    SEVERAL_DOCUMENTS = "SU0112", "more than one document",
        "`---` starts a new YAML document. Only the first is read, as docker does, which says nothing about the others.";
    KEY_NOT_TEXT = "SU0113", "key is not text",
        "Keys are text. A number, true, false or null as a key needs quotes.";
    ALIAS_CYCLE = "SU0114", "anchor contains itself",
        "An alias inside the value of its own anchor would never end.";
    BAD_MERGE = "SU0115", "`<<` takes mappings",
        "The merge key `<<` adds the keys of a mapping, or of each mapping of a list, that are not there yet.";
    DATE = "SU0116", "a date without quotes",
        "YAML takes `2020-01-01` for a date. Docker stores what Go prints for it, `2020-01-01 00:00:00 +0000 UTC`, and so does stackup. Quotes keep the text.";
    UNKNOWN_TAG = "SU0117", "unknown tag",
        "A word with `!` before a value is a YAML tag. Those of YAML itself (`!!str`, `!!int`) are known, and `!reset` and `!override` behind a key; any other is ignored, as docker does.";
    TOO_MANY_VALUES = "SU0118", "more values than a Compose file has",
        "A Compose file may have 500,000 keys, values and list items. A stack of a thousand services has some 50,000, so this is most likely another file: data, or a list that a program wrote.";
    MORE_PROBLEMS = "SU0119", "more problems than are listed",
        "The first 5,000 errors and the first 5,000 warnings are listed; the rest is counted. Mend those, most likely of one cause, and check again.";
    STUCK_COMMENT = "SU0120", "comment without a space before it",
        "YAML begins a comment at a `#` that stands at the start of a line or behind a space. The reader of docker takes one right behind a quote or a bracket too, and so does stackup; other programs refuse the file.";
}
