namespace Middlebox.Interceptor;

/// <summary>
/// Whether rules are installed that only a box with connection tracking needs. They are not harmless elsewhere: a rule
/// that asks for the tracked state makes the kernel track every connection.
/// </summary>
public enum ConntrackUse
{
    /// <summary>On if the rules in force use connection tracking, off if not.</summary>
    Auto,
    On,
    Off,
}
