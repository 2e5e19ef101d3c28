namespace Middlebox.Appliance.Commands.Demo;

/// <summary>What a case of the demonstration must show.</summary>
internal enum DemoExpectation
{
    /// <summary>One path: no more than one access carries.</summary>
    OnePath,

    /// <summary>Both paths, because the box acted.</summary>
    BothPathsByBox,

    /// <summary>Both paths end to end, with the box out of it.</summary>
    BothPathsEndToEnd,
}
