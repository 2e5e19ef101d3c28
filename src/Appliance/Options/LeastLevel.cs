namespace Middlebox.Appliance.Options;

/// <summary>The least important events that are logged.</summary>
public enum LeastLevel
{
    /// <summary>Also the beginning and end of each connection.</summary>
    Debug,

    /// <summary>What the box does as a whole.</summary>
    Information,

    /// <summary>What somebody should look at.</summary>
    Warning,

    /// <summary>What does not work.</summary>
    Error,
}
