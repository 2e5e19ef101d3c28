namespace Middlebox.ProxyEngine.Converter;

/// <summary>What an event of a converter's thread, or of a client's of one, is about.</summary>
internal enum EventKind : uint
{
    /// <summary>The thread is to end.</summary>
    Stop,

    /// <summary>A client has connected; the number is the listener's.</summary>
    Listener,

    /// <summary>A client's connection; the number is the conversion's.</summary>
    Client,

    /// <summary>The same, of its connection to the server.</summary>
    Server,

    /// <summary>A server's answer was seen.</summary>
    Tap,

    /// <summary>A program of this host wants to be connected.</summary>
    Request,
}
