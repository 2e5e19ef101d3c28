namespace Middlebox.Appliance.Dashboard;

/// <summary>One row of the page's table; the JSON names are a contract with the page.</summary>
/// <param name="Client">Address and port of the client.</param>
/// <param name="Server">Address and port of the server.</param>
/// <param name="State">What the box does with it.</param>
/// <param name="Reason">Why; of one that has ended, how it ended.</param>
/// <param name="Paths">Its subflows; 1 with plain TCP, 0 if it is not relayed now.</param>
/// <param name="Mptcp">Whether the client's side speaks MPTCP.</param>
/// <param name="Up">From the client in the last second, in bit/s.</param>
/// <param name="Down">To the client, likewise.</param>
/// <param name="BytesUp">Bytes from client to server.</param>
/// <param name="BytesDown">Bytes from server to client.</param>
/// <param name="Since">When it began, or was decided on, in milliseconds since 1970.</param>
/// <param name="Seconds">How long it went on; null if it still does, or was not relayed.</param>
internal sealed record ConnectionRow(
    string Client,
    string Server,
    ConnectionState State,
    string Reason,
    int Paths,
    bool Mptcp,
    double Up,
    double Down,
    long BytesUp,
    long BytesDown,
    long Since,
    double? Seconds);
