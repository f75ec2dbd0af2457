namespace Mds.Credentials;

/// <summary>The accounts that have a credential at this moment.</summary>
public interface ICredentials
{
    /// <summary>The token cache of an account.</summary>
    /// <param name="account">The account as settings name it: <c>default</c> or an e-mail address.</param>
    /// <returns>The cache; <see langword="null"/> when the account has no credential.</returns>
    TokenCache? Find(string account);
}
