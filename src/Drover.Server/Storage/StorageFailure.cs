namespace Drover.Server.Storage;

/// <summary>What kept something from being stored or read.</summary>
internal enum StorageFailure
{
    /// <summary>Something else; the message has the system's own words.</summary>
    Other,

    /// <summary>No room on the disk. Works again once there is room.</summary>
    DiskFull,

    /// <summary>The folder or the file cannot be written by this user.</summary>
    ReadOnly,

    /// <summary>Another process keeps the database locked.</summary>
    Busy,

    /// <summary>The file is damaged, or it is no database of Drover.</summary>
    Corrupt,

    /// <summary>The database was written by a newer Drover.</summary>
    NewerVersion,

    /// <summary>Another server has the data folder.</summary>
    InUse,

    /// <summary>
    /// The change contradicts what is stored: an illegal transition, a second ending, a number that is taken, a user that
    /// is not there. A bug of the caller; only its own changes failed.
    /// </summary>
    Refused,
}
