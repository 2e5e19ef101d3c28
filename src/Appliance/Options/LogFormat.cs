namespace Middlebox.Appliance.Options;

/// <summary>How an event is written; one line each in every format.</summary>
public enum LogFormat
{
    /// <summary><see cref="Systemd"/> where standard output is the journal's (<c>JOURNAL_STREAM</c>, systemd.exec(5)), <see cref="Text"/> elsewhere.</summary>
    Auto,

    /// <summary>For people: time, level, part of the box and number of the event, text.</summary>
    Text,

    /// <summary>For the journal: the level as a prefix such as <c>&lt;6&gt;</c> (sd-daemon(3)), and no time, which the journal knows.</summary>
    Systemd,

    /// <summary>A JSON object for each event, with its number, level, text and values.</summary>
    Json,
}
