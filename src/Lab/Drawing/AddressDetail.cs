namespace Middlebox.Lab.Drawing;

/// <summary>How much a drawing says about addresses, from much to little.</summary>
internal enum AddressDetail
{
    /// <summary>Both ends in full.</summary>
    Full,

    /// <summary>The left end in full, of the right one what differs: <c>198.18.1.2</c> and <c>.1</c>.</summary>
    Short,

    /// <summary>Nothing at the links; a list follows the drawing.</summary>
    List,
}
